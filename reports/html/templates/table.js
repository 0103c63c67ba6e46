// A native table that has only the rows in sight: sort, filter, columns, details in place, downloads, print.
const ROW = 30; // height of a row in CSS pixels
const AHEAD = 8; // rows that are there before they are in sight
const PRINTED = 25;
const BARS = new Set(['terms.n_gene_products']);
const QUICK = { // columns with a list of their values to choose from
  gene_products: ['status'], terms: ['aspect', 'membership'], enrichment: ['variant'], findings: ['severity'],
  similarity: ['aspect', 'evidence'], component_members: ['component'], candidates: ['component'], sets: ['scope', 'aspect'],
};
const NOUNS = { organisms: 'organisms', others: 'taxa', gene_products: 'gene products', terms: 'terms', annotations: 'lines', inputs: 'files' };
const built = new Map();
addEventListener('resize', () => built.forEach(table => { if (!table.isPaper) table.draw(); }));

class Table {
  constructor(place) {
    this.place = place;
    this.name = place.dataset.table;
    this.data = store.tables.get(this.name);
    this.columns = this.data.columns.filter(column => column.h && !column.isVirtual);
    if (this.name === 'terms' && store.profile) addCounts(this.data, this.columns);
    this.shown = new Set(this.columns.filter(column => column.on));
    this.filters = new Map(); // column -> text
    this.choices = new Map(); // column -> value
    this.open = new Map(); // row -> height of its details
    this.sorted = null;
    this.direction = 1;
    this.isPaper = false;
    this.rows = new Map(); // rows that are drawn: row -> its elements
    this.stop = { place: 0, number: 0 }; // the row, and the control in it, that Tab reaches
    this.noun = NOUNS[this.name] || 'rows';
    this.build();
    built.set(this.name, this);
    listeners.push(() => this.refresh());
    this.refresh();
  }

  build() {
    this.box = find('.scroll', this.place);
    this.head = make('thead');
    this.body = make('tbody');
    this.table = make('table', { class: 'data live' }, make('caption', { class: 'hidden' }, this.data.caption), this.head, this.body);
    this.box.replaceChildren(this.table);
    this.count = make('span', { class: 'count', role: 'status' });
    this.cut = find('.cut', this.place) || this.place.appendChild(make('p', { class: 'cut note' }));
    this.search = make('input', {
      type: 'search', placeholder: 'Find', 'aria-label': `Find in: ${this.data.caption}`,
      oninput: () => {
        const text = this.search.value.trim();
        if (text) state.q.set(this.name, text); else state.q.delete(this.name);
        writeAddress(false);
        this.refresh();
      },
    });
    const chosen = (QUICK[this.name] || []).map(name => this.data.by.get(name)).filter(column => column?.d?.length > 1);
    this.place.prepend(make('div', { class: 'bar' },
      this.data.n > 8 ? this.search : null,
      chosen.map(column => this.makeChoice(column)),
      this.name === 'terms' ? this.makeMode() : null,
      this.count, this.makeColumnMenu(), this.makeDownloadMenu()));
    let waiting = false;
    this.box.addEventListener('scroll', () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; this.draw(); });
    }, { passive: true });
    this.body.addEventListener('focusin', event => this.noteStop(event.target));
    this.body.addEventListener('keydown', event => this.moveStop(event));
    this.box.setAttribute('aria-label', `${this.data.caption}; arrow keys go from row to row`);
    this.drawHeads();
  }

  makeChoice(column) {
    const labels = new Map(column.d.map((value, place) => [value, column.l ? column.l[place] : String(value)]));
    return make('select', {
      'aria-label': column.h,
      onchange: event => {
        const value = event.target.value;
        if (value) this.choices.set(column, column.d[Number(value) - 1]); else this.choices.delete(column);
        this.refresh();
      },
    }, make('option', { value: '' }, `${column.h}: any`),
    [...labels].map(([, label], place) => make('option', { value: place + 1 }, label || (column.k === 'status' ? 'current' : 'none'))));
  }

  makeMode() {
    const words = { any: 'in any selected organism', every: 'in every selected organism', exactly: 'in exactly the selected organisms' };
    this.mode = make('select', { 'aria-label': 'How the selected organisms have the term', onchange: event => { const value = event.target.value; select(old => { old.m = value; }); } },
      Object.entries(words).map(([value, text]) => make('option', { value }, text)));
    return this.mode;
  }

  // A menu is filled when it is opened: it has hundreds of elements.
  makeMenu(text, makeContent) {
    const panel = make('div');
    const fill = () => { if (!panel.firstChild) panel.append(...makeContent().flat(9)); };
    const menu = make('details', { class: 'menu', ontoggle: fill }, make('summary', { onclick: fill }, text), panel);
    menu.addEventListener('focusout', event => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
    return menu;
  }

  makeColumnMenu() {
    return this.makeMenu('Columns', () => this.columns.map(column => {
      const shows = make('input', { type: 'checkbox', onchange: () => { toggle(this.shown, column); this.drawHeads(); this.draw(true); } });
      shows.checked = this.shown.has(column);
      return make('div', { class: 'column' },
        make('label', {}, shows, ` ${column.h}`),
        make('input', {
          type: 'search', placeholder: column.isNumber ? '> 5' : 'contains', 'aria-label': `Filter ${column.h}${column.isNumber ? ', for example > 5' : ''}`,
          oninput: event => { if (event.target.value.trim()) this.filters.set(column, event.target.value); else this.filters.delete(column); this.refresh(); },
        }),
        make('p', {}, column.t, column.k === column.h ? null : [' ', make('code', {}, column.k)]));
    }));
  }

  makeDownloadMenu() {
    const makeButtons = isAll => make('p', {}, isAll ? 'All rows ' : 'Rows shown ', ['TSV', 'CSV', 'JSON'].map(kind =>
      [make('button', { type: 'button', 'aria-label': `Download ${isAll ? 'all rows' : 'the rows shown'} of ${this.name} as ${kind}`, onclick: () => this.download(kind, isAll) }, kind), ' ']));
    return this.makeMenu('Download', () => [makeButtons(false), makeButtons(true),
      make('p', { class: 'note' }, 'Values and column names of the run\'s table; numbers in five digits.')]);
  }

  download(kind, isAll) {
    const columns = this.columns.filter(column => !column.isVirtual);
    const rows = isAll ? [...Array(this.data.n).keys()] : this.view;
    const values = rows.map(row => columns.map(column => readRaw(column, row)));
    saveFile(`gafreduce-${this.name}-${document.body.dataset.run}${isAll ? '' : '-shown'}.${kind.toLowerCase()}`, ...WRITERS[kind](columns.map(column => column.k), values));
  }

  drawHeads() {
    const cells = this.listShown().map(column => {
      const order = this.sorted === column ? (this.direction > 0 ? 'ascending' : 'descending') : null;
      const head = this.isPaper ? column.h : make('button', { type: 'button', 'data-tip': column.t, onclick: event => this.sortBy(column, event) }, column.h);
      return make('th', { scope: 'col', class: column.isNumber ? 'n' : null, 'aria-sort': order }, head);
    });
    this.head.replaceChildren(make('tr', { 'aria-rowindex': 1 }, cells));
    this.table.classList.toggle('wide', cells.length > 12);
  }

  listShown() { return this.columns.filter(column => this.shown.has(column)); }

  sortBy(column) {
    if (this.sorted === column && this.direction === (column.isNumber ? 1 : -1)) this.sorted = null;
    else if (this.sorted === column) this.direction = -this.direction;
    else { this.sorted = column; this.direction = column.isNumber ? -1 : 1; }
    const place = this.listShown().indexOf(column);
    this.drawHeads();
    find('button', this.head.rows[0].cells[place])?.focus();
    this.refresh();
  }

  refresh() {
    if (this.rows.size) this.keepWidths();
    const text = state.q.get(this.name) || '';
    if (document.activeElement !== this.search) this.search.value = text;
    if (this.mode) { this.mode.value = state.m; this.mode.disabled = !state.o.size; }
    const tests = [makeTest(this.name, this.data)];
    if (text) {
      const wanted = text.toLowerCase();
      const searched = this.columns.filter(column => column.y !== 'organisms' && !column.isNumber && (this.shown.has(column) || column.y === 'id'));
      tests.push(row => searched.some(column => column.label(row).toLowerCase().includes(wanted)));
    }
    this.filters.forEach((condition, column) => tests.push(makeCondition(column, condition)));
    this.choices.forEach((value, column) => tests.push(row => column.at(row) === value));
    this.view = [];
    for (let row = 0; row < this.data.n; row += 1) if (tests.every(test => test(row))) this.view.push(row);
    if (this.sorted) this.sortView();
    else if (ORDERS[state.r] && this.data.by.has('organism_id')) {
      const organism = this.data.by.get('organism_id');
      this.view.sort((a, b) => placeOf(organism.at(a)) - placeOf(organism.at(b)) || a - b);
    }
    this.open.clear();
    const whole = formatCount(this.data.all);
    this.count.textContent = this.view.length === this.data.all ? `${whole} ${this.noun}` : `${formatCount(this.view.length)} of ${whole} ${this.noun}`;
    this.cut.textContent = this.data.n < this.data.all ? this.describeCut() : '';
    this.table.setAttribute('aria-rowcount', this.view.length + 1);
    this.box.scrollTop = 0;
    this.draw(true);
  }

  describeCut() {
    return `The page has ${formatCount(this.data.n)} of ${formatCount(this.data.all)} ${this.noun}; tables/${this.name}.tsv of the run folder has all, and gafreduce explain finds those behind a number.`;
  }

  sortView() {
    const column = this.sorted;
    const keys = new Map(this.view.map(row => [row, column.isNumber ? toNumber(column.at(row)) : column.y === 'organisms' ? countBits(readBits(column.at(row))) : column.label(row).toLowerCase()]));
    this.view.sort((a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      if (x === y) return a - b;
      if (x === null || y === null || x === '' || y === '') return x === null || x === '' ? 1 : -1; // empty cells last
      return (x < y ? -1 : 1) * this.direction;
    });
  }

  draw(isForced = false) {
    const height = Math.max(this.box.clientHeight, 300);
    const details = [...this.open.values()].reduce((sum, each) => sum + each, 0);
    let first = Math.max(0, Math.floor((this.box.scrollTop - details) / ROW) - AHEAD);
    let last = Math.min(this.view.length, Math.ceil((this.box.scrollTop + height) / ROW) + AHEAD);
    if (this.isPaper) [first, last] = [0, Math.min(this.view.length, PRINTED)];
    if (!isForced && first === this.first && last === this.last) return;
    if (!isForced) this.keepWidths();
    [this.first, this.last] = [first, last];
    const columns = this.listShown();
    const hadFocus = isForced && this.body.contains(document.activeElement);
    if (isForced) this.rows.clear();
    const made = new Map();
    const rows = [];
    const addSpace = size => { const cell = make('td', { colspan: columns.length }); cell.style.height = `${size}px`; rows.push(make('tr', { 'aria-hidden': 'true', class: 'space' }, cell)); };
    let above = first * ROW;
    this.open.forEach((size, row) => { if (this.view.indexOf(row) < first) above += size; });
    if (first) addSpace(above);
    for (let place = first; place < last; place += 1) {
      const row = this.view[place];
      made.set(row, this.rows.get(row) || this.makeRow(row, place, columns));
      rows.push(...made.get(row));
    }
    this.rows = made;
    if (last < this.view.length && !this.isPaper) addSpace((this.view.length - last) * ROW);
    if (!this.view.length) rows.push(make('tr', {}, make('td', { colspan: columns.length, class: 'empty' }, this.describeEmpty(), ' ', make('button', { type: 'button', onclick: () => this.clear() }, 'Show all'))));
    this.replaceRows(rows);
    this.showStop(hadFocus);
    findAll('tr.details', this.body).forEach(each => this.open.set(Number(each.dataset.row), each.offsetHeight));
  }

  // Columns keep their width while other rows come into sight.
  keepWidths() {
    const widths = findAll('th', this.head).map(cell => [cell, cell.offsetWidth]); // read all, then write
    widths.forEach(([cell, width]) => {
      if (width > (Number.parseFloat(cell.style.minWidth) || 0)) cell.style.minWidth = `${width}px`;
    });
  }

  // Elements that stay are not moved: the focus would be lost, and Tab would never leave the table.
  replaceRows(rows) {
    const kept = new Set(rows);
    [...this.body.children].forEach(each => { if (!kept.has(each)) each.remove(); });
    let next = this.body.firstChild;
    for (const each of rows) {
      if (each === next) next = next.nextSibling;
      else this.body.insertBefore(each, next);
    }
  }

  // Tab reaches one control of all rows; the arrow keys reach the others.
  listControls(place) {
    const [row] = this.rows.get(this.view[place]) || [];
    return row ? findAll('a, button', row) : [];
  }

  showStop(isFocused) {
    const isDrawn = this.stop.place >= this.first && this.stop.place < this.last;
    const controls = this.listControls(isDrawn ? this.stop.place : Math.min(this.first + AHEAD, this.last - 1));
    const control = controls[isDrawn ? Math.min(this.stop.number, controls.length - 1) : 0];
    if (!control) return;
    findAll('tr:not(.details) [tabindex="0"]', this.body).forEach(each => { each.tabIndex = -1; });
    control.tabIndex = 0;
    if (isFocused) control.focus({ preventScroll: true });
  }

  noteStop(element) {
    const row = element.closest('tr[aria-rowindex]');
    if (!row || row.parentElement !== this.body) return;
    const place = Number(row.getAttribute('aria-rowindex')) - 2;
    this.stop = { place, number: Math.max(0, this.listControls(place).indexOf(element)) };
    this.showStop(false);
  }

  moveStop(event) {
    if (event.target.closest('tr')?.parentElement !== this.body || event.target.closest('.details') || event.ctrlKey || event.altKey) return;
    let { place, number } = this.stop;
    const page = Math.max(1, Math.floor(this.box.clientHeight / ROW) - 2);
    if (event.key === 'ArrowLeft') number -= 1;
    else if (event.key === 'ArrowRight') number += 1;
    else {
      const target = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + page, PageUp: place - page, Home: 0, End: this.view.length - 1 }[event.key];
      if (target === undefined) return;
      place = Math.max(0, Math.min(this.view.length - 1, target));
    }
    event.preventDefault();
    if (place < this.first || place >= this.last) {
      this.box.scrollTop = place * ROW;
      this.draw();
    }
    const controls = this.listControls(place);
    controls[Math.max(0, Math.min(controls.length - 1, number))]?.focus();
  }

  describeEmpty() {
    const text = state.q.get(this.name);
    if (!this.data.n) return this.describeCut();
    if (!text || !hasSelection()) return text ? `No row matches “${text}”.` : 'Nothing matches.';
    return `No row of the selection matches “${text}”.`;
  }

  clear() {
    this.filters.clear();
    this.choices.clear();
    findAll('.bar input[type=search]', this.place).forEach(input => { input.value = ''; });
    findAll('.bar select', this.place).forEach(each => { each.selectedIndex = 0; });
    state.q.delete(this.name);
    clearSelection();
  }

  makeRow(row, place, columns) {
    const isOpen = this.open.has(row);
    const cells = columns.map((column, number) => {
      const cell = make(number ? 'td' : 'th', { class: column.isNumber ? 'n' : null, scope: number ? null : 'row' });
      if (!number && !this.isPaper) {
        cell.append(make('button', {
          type: 'button', class: 'toggle', 'aria-expanded': String(isOpen), 'aria-label': `Details of ${column.label(row)}`,
          onclick: () => {
            if (!this.open.delete(row)) this.open.set(row, 0);
            this.draw(true);
            find(`tr[aria-rowindex="${place + 2}"] .toggle`, this.body)?.focus({ preventScroll: true });
          },
        }));
      }
      cell.append(...makeCell(this, column, row));
      if (/\S{17}/.test(cell.textContent)) cell.classList.add('long');
      return cell;
    });
    const made = [make('tr', { 'aria-rowindex': place + 2 }, cells)];
    findAll('a, button', made[0]).forEach(each => { each.tabIndex = -1; });
    if (isOpen) made.push(make('tr', { class: 'details', 'data-row': row }, make('td', { colspan: columns.length }, make('div', { class: 'inside' }, makeDetails(this, row)))));
    return made;
  }

  print(isPaper) {
    this.isPaper = isPaper;
    this.open.clear();
    this.drawHeads();
    if (this.data.n === this.data.all) this.cut.textContent = isPaper && this.view.length > PRINTED ? `${PRINTED} of ${formatCount(this.view.length)} ${this.noun} are printed; the page and the run folder have all.` : '';
    this.draw(true);
  }
}

const toNumber = value => (typeof value === 'string' ? (value.startsWith('-') ? -Infinity : Infinity) : value);

// A condition of a column: text that its cells contain, or > >= < <= = and a number.
function makeCondition(column, condition) {
  const text = condition.trim().toLowerCase();
  const compared = column.isNumber && /^(>=|<=|>|<|=)\s*(-?[\d.]+(?:e[+-]?\d+)?)$/.exec(text);
  if (!compared) return row => column.label(row).toLowerCase().includes(text);
  const limit = Number(compared[2]);
  const holds = { '>': n => n > limit, '<': n => n < limit, '=': n => n === limit, '>=': n => n >= limit, '<=': n => n <= limit }[compared[1]];
  return row => { const value = column.at(row); return value !== null && holds(toNumber(value)); };
}

const readRaw = (column, row) => {
  const value = column.at(row);
  return column.y === 'organisms' ? listOrganisms(value).join('|') : value ?? '';
};
// Also the wide forms of the characters, which spreadsheets in Chinese and Japanese read as the others.
const guardFormula = text => (/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text);
const joinRows = (rows, quote, separator) => `${rows.map(row => row.map(cell => quote(guardFormula(String(cell)))).join(separator)).join('\n')}\n`;
const WRITERS = {
  CSV: (heads, rows) => ['text/csv', joinRows([heads, ...rows], text => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text), ',')],
  TSV: (heads, rows) => ['text/tab-separated-values', joinRows([heads, ...rows], text => text.replace(/[\t\n\r]+/g, ' '), '\t')],
  JSON: (heads, rows) => ['application/json', JSON.stringify(rows.map(row => Object.fromEntries(row.map((cell, place) => [heads[place], cell]))), null, 1)],
};
function saveFile(name, type, content) {
  const link = make('a', { href: URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 4000);
  say(`Saved ${name}`);
}
