"""The review page: the second half of the round trip in the browser, and a plan as one page to mail.

A thin caller of `bulkio.account`: whatever it shows are the objects that the command line shows, too.
"""

from bulkio.web.plan_page import plan_page

__all__ = ["plan_page"]
