
// What the page adds to DataTables: chips, downloads of what is seen, and views kept in the address.
// Without this script every table is there, in its whole.
const ROWS_WITHOUT_PAGES = 25;
const MAX_CHIPS = 14;
const tables = new Map(); // name -> {api, chips, plain}
document.documentElement.classList.add('js');

const guarded = text => /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? "'" + text : text;
const cellText = (data, row, column, node) => (node ? node.textContent : String(data)).trim();

function seen(api) {
  return api.buttons.exportData({
    columns: ':visible',
    modifier: { search: 'applied', order: 'applied', page: 'all' },
    format: { body: cellText, header: (html, column) => headings(api)[column] },
  });
}

function headings(api) {
  return api.columns().header().toArray().map(cell =>
    (cell.querySelector('.dt-column-title') || cell).textContent.trim());
}

function save(name, type, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const delimited = (rows, quote, separator) =>
  rows.map(row => row.map(text => quote(guarded(text))).join(separator)).join('\n') + '\n';
const quoted = text => /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
const flat = text => text.replace(/[\t\n\r]+/g, ' ');

const WRITERS = {
  CSV: ['text/csv', ({ header, body }) => delimited([header, ...body], quoted, ',')],
  TSV: ['text/tab-separated-values', ({ header, body }) => delimited([header, ...body], flat, '\t')],
  JSON: ['application/json', ({ header, body }) =>
    JSON.stringify(body.map(row => Object.fromEntries(row.map((text, n) => [header[n], text]))), null, 1)],
};

function buttons(name) {
  return Object.entries(WRITERS).map(([kind, [type, write]]) => ({
    text: kind,
    titleAttr: `Download the rows seen as ${kind}`,
    attr: { 'aria-label': `Download the rows seen of ${name} as ${kind}` },
    action: (event, api) => save(`${name}.${kind.toLowerCase()}`, type, write(seen(api))),
  }));
}

// Views in the address: #view=NAME&state=JSON; #rows:NAME:TAXON[:GROUP] leads to rows of a number.
let quiet = true;
function remember(name) {
  const { api, chips } = tables.get(name);
  if (quiet) return;
  const state = {};
  if (api.search()) state.q = api.search();
  const order = api.order();
  if (order.length) state.o = order.map(each => [each[0], each[1]]);
  for (const [key, values] of Object.entries(chips)) if (values.size) state[key] = [...values];
  const columns = {};
  document.querySelectorAll(`#table-${name} thead tr.dt-filters input`).forEach(input => {
    if (input.value) columns[input.dataset.column] = input.value;
  });
  if (Object.keys(columns).length) state.c = columns;
  const hash = Object.keys(state).length
    ? `#view=${name}&state=${encodeURIComponent(JSON.stringify(state))}` : `#table-${name}`;
  history.replaceState(null, '', hash);
}

function show(name, state) {
  const element = document.getElementById(`table-${name}`);
  if (!element) return;
  for (let up = element.parentElement; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
  const { api, chips } = enhance(element);
  quiet = true;
  api.search(typeof state.q === 'string' ? state.q : '');
  if (Array.isArray(state.o)) api.order(state.o.filter(each => each[0] < api.columns().count()));
  for (const key of Object.keys(chips)) {
    chips[key].clear();
    (Array.isArray(state[key]) ? state[key] : []).forEach(value => chips[key].add(String(value)));
  }
  document.querySelectorAll(`#table-${name} thead tr.dt-filters input`).forEach(input => {
    input.value = (state.c || {})[input.dataset.column] || '';
    input.dispatchEvent(new Event('input'));
  });
  pressed(name);
  api.draw();
  quiet = false;
  element.closest('.dt-container, .scroll').scrollIntoView();
}

function follow() {
  const rows = /^#rows:([^:]+):([^:]+)(?::(.+))?$/.exec(decodeURIComponent(location.hash));
  const view = /^#view=([^&]+)&state=(.+)$/.exec(location.hash);
  if (rows) {
    show(rows[1], { taxon: [rows[2]], group: rows[3] ? [rows[3]] : [] });
  } else if (view) {
    try { show(view[1], JSON.parse(decodeURIComponent(view[2])) || {}); } catch (error) { /* not ours */ }
  }
}

// Chips: one for each organism and evidence group among the rows
function chipsOf(name, api) {
  const groups = {};
  const nodes = api.rows().nodes().toArray();
  const column = headings(api).indexOf('organism');
  for (const [key, words] of [['taxon', 'organism'], ['group', 'evidence']]) {
    const found = new Map();
    for (const row of nodes) {
      const value = row.dataset[key];
      if (value && !found.has(value)) found.set(value, key === 'taxon' ? nameIn(row, column) : value.replaceAll('_', '-'));
    }
    if (found.size > 1 && found.size <= MAX_CHIPS && found.size < nodes.length) groups[key] = [words, found];
  }
  const chips = { taxon: new Set(), group: new Set() };
  const place = document.createElement('div');
  for (const [key, [words, found]] of Object.entries(groups)) {
    const line = document.createElement('div');
    line.className = 'chips';
    line.setAttribute('role', 'group');
    line.setAttribute('aria-label', `Show only this ${words}`);
    const said = document.createElement('span');
    said.textContent = `Only ${words}:`;
    line.append(said);
    for (const [value, label] of found) {
      const chip = document.createElement('button');
      chip.type = 'button';
      chip.textContent = label;
      chip.dataset.key = key;
      chip.dataset.value = value;
      chip.setAttribute('aria-pressed', 'false');
      chip.addEventListener('click', () => {
        if (!chips[key].delete(value)) chips[key].add(value);
        pressed(name);
        api.draw();
      });
      line.append(chip);
    }
    place.append(line);
  }
  api.search.fixed('chips', (text, data, index) => {
    const row = api.row(index).node();
    return Object.entries(chips).every(([key, values]) => !values.size || values.has(row.dataset[key]));
  });
  return { chips, place };
}

const nameIn = (row, column) => column < 0 ? row.dataset.taxon : row.cells[column].textContent;

function pressed(name) {
  const { chips, place } = tables.get(name);
  place.querySelectorAll('button').forEach(chip =>
    chip.setAttribute('aria-pressed', String(chips[chip.dataset.key].has(chip.dataset.value))));
}

// A filter for each column: text that the cell holds, or > >= < <= = and a number
function filtersOf(name, api) {
  const line = document.createElement('tr');
  line.className = 'dt-filters';
  headings(api).forEach((heading, number) => {
    const cell = document.createElement('td');
    const input = document.createElement('input');
    input.type = 'search';
    input.dataset.column = String(number);
    const numeric = api.column(number).type()?.includes('num');
    input.placeholder = numeric ? '> = <' : 'filter';
    input.setAttribute('aria-label', `Filter ${heading}${numeric ? ', for example > 5' : ''}`);
    input.addEventListener('input', () => {
      api.column(number).search.fixed('filter', condition(input.value, numeric));
      if (!quiet) api.draw();
    });
    cell.append(input);
    line.append(cell);
  });
  api.table().header().append(line);
}

function condition(wanted, numeric) {
  const text = wanted.trim().toLowerCase();
  if (!text) return null;
  const compare = numeric && /^(>=|<=|>|<|=)\s*(-?[\d.]+(?:e[+-]?\d+)?)$/.exec(text);
  if (!compare) return data => String(data).toLowerCase().includes(text);
  const limit = Number(compare[2]);
  const holds = { '>': n => n > limit, '<': n => n < limit, '=': n => n === limit, '>=': n => n >= limit, '<=': n => n <= limit }[compare[1]];
  return data => {
    const number = parseFloat(String(data).replace(/,/g, ''));
    return !Number.isNaN(number) && holds(number);
  };
}

function enhance(element) {
  const name = element.dataset.name;
  if (tables.has(name)) return tables.get(name);
  const many = element.tBodies[0].rows.length > ROWS_WITHOUT_PAGES;
  const some = element.tBodies[0].rows.length > 12;
  const api = new DataTable(element, {
    order: [],
    autoWidth: false,
    paging: many,
    pageLength: ROWS_WITHOUT_PAGES,
    lengthMenu: [10, ROWS_WITHOUT_PAGES, 100, { label: 'all', value: -1 }],
    searching: true,
    info: some,
    layout: {
      topStart: { buttons: buttons(name) },
      topEnd: some ? 'search' : null,
      bottomStart: some ? 'info' : null,
      bottomEnd: many ? ['pageLength', 'paging'] : null,
    },
    language: { search: 'Find', lengthMenu: 'rows _MENU_' },
  });
  const made = { api, ...chipsOf(name, api) };
  tables.set(name, made);
  if (some) filtersOf(name, api);
  api.table().container().prepend(made.place);
  api.on('draw', () => remember(name));
  return made;
}

const near = new IntersectionObserver(entries => entries.forEach(entry => {
  if (!entry.isIntersecting) return;
  near.unobserve(entry.target);
  const before = quiet;
  quiet = true;
  enhance(entry.target);
  quiet = before;
}), { rootMargin: '400px' });
document.querySelectorAll('table.data').forEach(element => near.observe(element));

addEventListener('hashchange', follow);
addEventListener('beforeprint', () => {
  tables.forEach(({ api }) => api.page.len(-1).draw(false));
});
quiet = false;
follow();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', scheme);
function scheme() { document.documentElement.classList.toggle('dark', matchMedia('(prefers-color-scheme: dark)').matches); }
scheme();
