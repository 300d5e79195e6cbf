"""A local server that speaks the ERPs' protocols strictly, with invented data and faults on request.

It listens on loopback only, prints nothing, and shares no wire code with the connectors: the two are independent
readings of the vendor's page, so that each one tests the other.
"""

from bulkio.sandbox.faults import Fault, Faults
from bulkio.sandbox.options import CREDENTIAL, SandboxOptions
from bulkio.sandbox.request_log import Served
from bulkio.sandbox.server import Sandbox, base_urls, running, serve
from bulkio.sandbox.unleashed.inspection import StoreInspection
from bulkio.sandbox.xentral.inspection import XentralInspection

__all__ = [
    "CREDENTIAL",
    "Fault",
    "Faults",
    "Sandbox",
    "SandboxOptions",
    "Served",
    "StoreInspection",
    "XentralInspection",
    "base_urls",
    "running",
    "serve",
]
