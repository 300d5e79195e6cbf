// What the page does beyond forms and links: tables, a drop zone, choices, and news of the job under way.
// Values come from the server as escaped HTML, or are put in as text; nothing here makes HTML of them.

const body = document.body;
const announcer = document.getElementById("announcer");

function announce(words) {
  announcer.textContent = words;
}

async function post(address, content) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(content),
  });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw new Error(said.message || "The choice was not taken. Reload the page.");
  }
  return answer.text();
}

// --- tables ---------------------------------------------------------------------------------------------------------

const COLUMNS = {
  issues: [
    { title: "Kind", field: "kind", width: 110 },
    { title: "Where", field: "where", widthGrow: 2 },
    { title: "Found", field: "found", widthGrow: 2 },
    { title: "Problem, and how to fix it", field: "problem", widthGrow: 6 },
  ],
  changes: [
    { title: "Include", field: "take", width: 100 },
    { title: "Record", field: "record", widthGrow: 2, minWidth: 180 },
    { title: "Before and after", field: "what", widthGrow: 7 },
  ],
  results: [
    { title: "Result", field: "status", width: 140 },
    { title: "Record", field: "record", widthGrow: 2 },
    { title: "Fields", field: "fields", widthGrow: 2 },
    { title: "What was said", field: "message", widthGrow: 4 },
  ],
};

function makeTable(place) {
  const asked = {};
  const table = new Tabulator(place, {
    ajaxURL: place.dataset.source,
    ajaxParams: () => asked,
    pagination: true,
    paginationMode: "remote",
    paginationSize: 50,
    paginationButtonCount: 7,
    paginationElement: document.getElementById("pages"),
    ajaxResponse: (_address, params, answer) => {
      showCount(params, answer);
      return answer;
    },
    layout: "fitColumns",
    renderVertical: "basic",
    dataLoader: false,
    columnDefaults: { formatter: "html", headerSort: false, resizable: false, variableHeight: true },
    columns: COLUMNS[place.dataset.columns],
    placeholder: place.dataset.empty,
    rowFormatter: (row) => row.getElement().classList.toggle("is-out", Boolean(row.getData().is_out)),
    langs: { default: { pagination: { first: "First", prev: "Previous", next: "Next", last: "Last" } } },
  });
  // The rows are in the page's own flow, so that nothing inside scrolls and the holder is no stop for the keyboard.
  table.on("tableBuilt", () => table.element.querySelector(".tabulator-tableholder").removeAttribute("tabindex"));
  const again = () => table.setPage(1).then(() => announce(pageCount.textContent));

  for (const group of document.querySelectorAll(".chips[data-filter]")) {
    group.addEventListener("click", (event) => {
      const chip = event.target.closest(".chip");
      if (!chip) return;
      for (const each of group.querySelectorAll(".chip")) each.setAttribute("aria-pressed", String(each === chip));
      asked[group.dataset.filter] = chip.dataset.value;
      again();
    });
  }
  for (const select of document.querySelectorAll("select[data-filter]")) {
    select.addEventListener("change", () => {
      asked[select.dataset.filter] = select.value;
      again();
    });
  }
  const search = document.getElementById("search");
  let pending = 0;
  search?.addEventListener("input", () => {
    clearTimeout(pending);
    pending = setTimeout(() => {
      asked.search = search.value;
      again();
    }, 200);
  });
  return table;
}

const pageCount = document.getElementById("page-count");

function showCount({ page, size }, { last_row: total, data }) {
  const first = (Math.min(page, Math.ceil(total / size) || 1) - 1) * size;
  const all = total.toLocaleString("en");
  pageCount.textContent = data.length ? `${(first + 1).toLocaleString("en")} to ${(first + data.length).toLocaleString("en")} of ${all}` : "None";
}

const place = document.getElementById("table");
const table = place ? makeTable(place) : null;

// --- choices --------------------------------------------------------------------------------------------------------

function showSummary(html) {
  const old = document.getElementById("summary");
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("summary");
  if (!old || !fresh) return;
  const scroll = old.querySelector(".scroll")?.scrollTop || 0;
  const focused = document.activeElement?.getAttribute("aria-label");
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  const scrolled = fresh.querySelector(".scroll");
  if (scrolled) scrolled.scrollTop = scroll;
  if (hadFocus && focused) {
    [...fresh.querySelectorAll("[aria-label]")].find((each) => each.getAttribute("aria-label") === focused)?.focus();
  }
}

async function choose(address, content, words) {
  try {
    showSummary(await post(address, content));
    announce(words);
    await table?.replaceData();
  } catch (error) {
    announce(error.message);
    location.reload();
  }
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-take]")) {
    const { take, sheet, row, field, entity } = box.dataset;
    const content = { out: !box.checked };
    if (take === "row") content.rows = [[sheet, Number(row)]];
    if (take === "cell") content.cells = [[sheet, Number(row), field]];
    if (take === "field") content.fields = [[entity, field]];
    choose("/changes/left", content, box.checked ? "Included" : "Left out");
  } else if (box.matches(".choice input[type=radio]")) {
    const { sheet, row, field } = box.closest(".choice").dataset;
    post("/changes/decide", { place: [sheet, Number(row), field], winner: box.value })
      .then((html) => { showSummary(html); announce("Decided"); })
      .catch(() => location.reload());
  }
});

// --- dropping a file ------------------------------------------------------------------------------------------------

const drop = document.getElementById("drop");
if (drop) {
  const input = drop.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    drop.requestSubmit();
  });
}

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

// --- news of the job ------------------------------------------------------------------------------------------------

function inWords(seconds) {
  if (seconds < 60) return `${Math.max(seconds, 1)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function set(id, words) {
  const place = document.getElementById(id);
  if (place && place.textContent !== words) place.textContent = words;
}

function showJob(job) {
  const bar = document.getElementById("job-bar");
  const total = job.total;
  if (bar && total) {
    bar.max = total;
    bar.value = Math.max(job.done, job.sent);
  }
  const done = job.done.toLocaleString("en");
  if (total) set("job-count", `${done} of ${total.toLocaleString("en")}`);
  else if (job.done) set("job-count", `${done} so far`);
  set("job-sent", `${job.sent.toLocaleString("en")} of ${(total || 0).toLocaleString("en")}`);
  set("job-proved", (job.counts.verified || 0).toLocaleString("en"));
  set("job-rate", job.rate ? `${job.rate.toLocaleString("en")} a minute` : "–");
  set("job-left", job.left ? inWords(job.left) : "–");
  const failed = Object.entries(job.counts).filter(([name]) => name !== "verified").reduce((sum, [, n]) => sum + n, 0);
  set("job-failed", failed.toLocaleString("en"));
  if (job.stopping) set("job-words", "Finishing what is in flight…");
  const canary = document.getElementById("canary-question");
  if (canary) canary.hidden = job.state !== "asking";
  showRecent(job.recent);
}

const WORDS = { acked: "not proved", rejected: "refused" };

function showRecent(recent) {
  const list = document.getElementById("job-recent");
  if (!list) return;
  list.replaceChildren(
    ...recent.map((each) => {
      const item = document.createElement("li");
      const tag = document.createElement("span");
      tag.className = `tag ${each.status}`;
      tag.textContent = WORDS[each.status] || each.status.replaceAll("_", " ");
      const key = document.createElement("bdi");
      key.textContent = each.key;
      const said = document.createElement("span");
      said.className = "said small";
      said.textContent = each.message;
      item.append(tag, key, said);
      return item;
    }),
  );
}

let spoken = -1;
function speak(job) {
  if (!job.total) return;
  const count = Math.max(job.done, job.sent);
  const tenth = Math.floor((count / job.total) * 10);
  if (tenth === spoken) return;
  spoken = tenth;
  announce(`${count} of ${job.total} done${job.left ? `, about ${inWords(job.left)} left` : ""}`);
}

const lost = document.getElementById("lost");
let silent = 0;
const events = new EventSource("/events");
events.addEventListener("open", () => {
  clearTimeout(silent);
  silent = 0;
  lost.hidden = true;
});
events.addEventListener("error", () => {
  silent ||= setTimeout(() => { lost.hidden = false; }, 1500);
  if (events.readyState === EventSource.CLOSED) lost.hidden = false; // another server answers, to which we are nobody
});
events.addEventListener("message", (event) => {
  const { instance, job } = JSON.parse(event.data);
  const isOurs = job && job.step === body.dataset.step;
  const isRunning = job && (job.state === "running" || job.state === "asking");
  if (instance !== body.dataset.instance) location.reload();
  else if (body.dataset.job && !isRunning) finish(job);
  else if (!body.dataset.job && isRunning && isOurs) location.reload();
  else if (isRunning && body.dataset.job) {
    showJob(job);
    speak(job);
  }
});

let isFinishing = false;
function finish(job) {
  if (isFinishing) return;
  isFinishing = true;
  if (job && job.then !== body.dataset.step) location.assign(`/${job.then}`);
  else location.reload();
}
