
// Additions to DataTables: filter buttons, downloads of the visible rows, views stored in the address.
// Without this script the page shows all tables with all their rows.
const ROWS_WITHOUT_PAGES = 25;
const MAX_CHIPS = 14;
const tables = new Map(); // name -> {api, chips, container}
document.documentElement.classList.add('js');

// Also the wide forms of the characters, which spreadsheets in Chinese and Japanese read as the others.
const guardFormula = text => /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) && Number.isNaN(Number(text)) ? "'" + text : text;
const cellText = (data, row, column, node) => (node ? node.textContent : String(data)).trim();

function readVisibleRows(api) {
  return api.buttons.exportData({
    columns: ':visible',
    modifier: { search: 'applied', order: 'applied', page: 'all' },
    format: { body: cellText, header: (html, column) => readHeadings(api)[column] },
  });
}

function readHeadings(api) {
  return api.columns().header().toArray().map(cell =>
    (cell.querySelector('.dt-column-title') || cell).textContent.trim());
}

function downloadFile(name, type, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const joinRows = (rows, quote, separator) =>
  rows.map(row => row.map(text => quote(guardFormula(text))).join(separator)).join('\n') + '\n';
const quoteCell = text => /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
const flattenCell = text => text.replace(/[\t\n\r]+/g, ' ');

const WRITERS = {
  CSV: ['text/csv', ({ header, body }) => joinRows([header, ...body], quoteCell, ',')],
  TSV: ['text/tab-separated-values', ({ header, body }) => joinRows([header, ...body], flattenCell, '\t')],
  JSON: ['application/json', ({ header, body }) =>
    JSON.stringify(body.map(row => Object.fromEntries(row.map((text, n) => [header[n], text]))), null, 1)],
};

function makeDownloadButtons(name) {
  return Object.entries(WRITERS).map(([kind, [type, write]]) => ({
    text: kind,
    titleAttr: `Download the visible rows as ${kind}`,
    attr: { 'aria-label': `Download the visible rows of ${name} as ${kind}` },
    action: (event, api) => downloadFile(`${name}.${kind.toLowerCase()}`, type, write(readVisibleRows(api))),
  }));
}

// Views in the address: #view=NAME&state=JSON; #rows:NAME:ORGANISM[:GROUP] selects the rows of a number.
let isRestoring = true; // no view is stored while one is restored
function storeView(name) {
  const { api, chips } = tables.get(name);
  if (isRestoring) return;
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

function restoreView(name, state) {
  const element = document.getElementById(`table-${name}`);
  if (!element) return;
  for (let up = element.parentElement; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
  const { api, chips } = enhance(element);
  isRestoring = true;
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
  updateFilterButtons(name);
  api.draw();
  isRestoring = false;
  element.closest('.dt-container, .scroll').scrollIntoView();
}

function decodeHash() {
  try { return decodeURIComponent(location.hash); } catch (error) { return ''; /* of another page */ }
}

function followHash() {
  const rows = /^#rows:([^:]+):([^:]+)(?::(.+))?$/.exec(decodeHash());
  const view = /^#view=([^&]+)&state=(.+)$/.exec(location.hash);
  if (rows) {
    restoreView(rows[1], { organism: [rows[2]], group: rows[3] ? [rows[3]] : [] });
  } else if (view) {
    try { restoreView(view[1], JSON.parse(decodeURIComponent(view[2])) || {}); } catch (error) { /* not a stored view */ }
  }
}

// Filter buttons (chips): one for each organism and evidence group in the rows
function makeFilterButtons(name, api) {
  const groups = {};
  const nodes = api.rows().nodes().toArray();
  const column = readHeadings(api).indexOf('organism');
  for (const [key, noun] of [['organism', 'organism'], ['group', 'evidence']]) {
    const found = new Map();
    for (const row of nodes) {
      const value = row.dataset[key];
      if (value && !found.has(value)) found.set(value, key === 'organism' ? readOrganism(row, column) : value.replaceAll('_', '-'));
    }
    if (found.size > 1 && found.size <= MAX_CHIPS && found.size < nodes.length) groups[key] = [noun, found];
  }
  const chips = { organism: new Set(), group: new Set() };
  const container = document.createElement('div');
  for (const [key, [noun, found]] of Object.entries(groups)) {
    const line = document.createElement('div');
    line.className = 'chips';
    line.setAttribute('role', 'group');
    line.setAttribute('aria-label', `Show only this ${noun}`);
    const label = document.createElement('span');
    label.textContent = `Only ${noun}:`;
    line.append(label);
    for (const [value, label] of found) {
      const chip = document.createElement('button');
      chip.type = 'button';
      chip.textContent = label;
      chip.dataset.key = key;
      chip.dataset.value = value;
      chip.setAttribute('aria-pressed', 'false');
      chip.addEventListener('click', () => {
        if (!chips[key].delete(value)) chips[key].add(value);
        updateFilterButtons(name);
        api.draw();
      });
      line.append(chip);
    }
    container.append(line);
  }
  api.search.fixed('chips', (text, data, index) => {
    const row = api.row(index).node();
    return Object.entries(chips).every(([key, values]) => !values.size || values.has(row.dataset[key]));
  });
  return { chips, container };
}

const readOrganism = (row, column) => column < 0 ? row.dataset.organism : row.cells[column].textContent;

function updateFilterButtons(name) {
  const { chips, container } = tables.get(name);
  container.querySelectorAll('button').forEach(chip =>
    chip.setAttribute('aria-pressed', String(chips[chip.dataset.key].has(chip.dataset.value))));
}

// A filter for each column: text contained in the cell, or > >= < <= = and a number
function addColumnFilters(name, api) {
  const line = document.createElement('tr');
  line.className = 'dt-filters';
  readHeadings(api).forEach((heading, number) => {
    const cell = document.createElement('td');
    const input = document.createElement('input');
    input.type = 'search';
    input.dataset.column = String(number);
    const numeric = api.column(number).type()?.includes('num');
    input.placeholder = numeric ? '> = <' : 'filter';
    input.setAttribute('aria-label', `Filter ${heading}${numeric ? ', for example > 5' : ''}`);
    input.addEventListener('input', () => {
      api.column(number).search.fixed('filter', parseCondition(input.value, numeric));
      if (!isRestoring) api.draw();
    });
    cell.append(input);
    line.append(cell);
  });
  api.table().header().append(line);
}

function parseCondition(wanted, numeric) {
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
  const isPaged = element.tBodies[0].rows.length > ROWS_WITHOUT_PAGES;
  const isSearchable = element.tBodies[0].rows.length > 12;
  const api = new DataTable(element, {
    order: [],
    autoWidth: false,
    paging: isPaged,
    pageLength: ROWS_WITHOUT_PAGES,
    lengthMenu: [10, ROWS_WITHOUT_PAGES, 100, { label: 'all', value: -1 }],
    searching: true,
    info: isSearchable,
    layout: {
      topStart: { buttons: makeDownloadButtons(name) },
      topEnd: isSearchable ? 'search' : null,
      bottomStart: isSearchable ? 'info' : null,
      bottomEnd: isPaged ? ['pageLength', 'paging'] : null,
    },
    language: { search: 'Find', lengthMenu: 'rows _MENU_' },
  });
  const entry = { api, ...makeFilterButtons(name, api) };
  tables.set(name, entry);
  if (isSearchable) addColumnFilters(name, api);
  api.table().container().prepend(entry.container);
  api.on('draw', () => storeView(name));
  return entry;
}

const observer = new IntersectionObserver(entries => entries.forEach(entry => {
  if (!entry.isIntersecting) return;
  observer.unobserve(entry.target);
  const wasRestoring = isRestoring;
  isRestoring = true;
  enhance(entry.target);
  isRestoring = wasRestoring;
}), { rootMargin: '400px' });
document.querySelectorAll('table.data').forEach(element => observer.observe(element));

addEventListener('hashchange', followHash);
addEventListener('beforeprint', () => {
  document.querySelector('#summary > details').open = true;
  tables.forEach(({ api }) => api.page.len(-1).draw(false));
});
isRestoring = false;
followHash();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyColourScheme);
function applyColourScheme() { document.documentElement.classList.toggle('dark', matchMedia('(prefers-color-scheme: dark)').matches); }
applyColourScheme();

// The side bar marks the section that is read.
const links = new Map([...document.querySelectorAll('nav a')].map(link => [link.hash.slice(1), link]));
const sections = [...document.querySelectorAll('main > section')];
function markSection() {
  const passed = sections.filter(each => each.getBoundingClientRect().top < innerHeight / 3);
  const current = passed.length ? passed[passed.length - 1].id : sections[0].id;
  links.forEach((link, id) => {
    if (id === current) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
}
addEventListener('scroll', markSection, { passive: true });
markSection();
