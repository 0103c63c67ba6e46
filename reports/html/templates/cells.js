// Cells of tables, and the details that a row opens in place.
function makeCell(table, column, row) {
  const value = column.at(row);
  if (value === null || value === '') return [];
  const made = makeValue(table, column, row, value);
  const key = `${table.name}.${column.k}`;
  if (BARS.has(key) && typeof value === 'number') {
    column.most ??= Math.max(1, ...Array.from({ length: table.data.n }, (each, place) => (typeof column.at(place) === 'number' ? column.at(place) : 0)));
    return [make('svg', { class: 'bar', width: 60, height: 10, 'aria-hidden': 'true' }, make('rect', { width: (60 * value / column.most).toFixed(1), height: 10 })), ...made];
  }
  return made;
}

function makeValue(table, column, row, value) {
  if (column.go) return [makeLead(table, column, row, value)];
  if (column.y === 'organism') return makeName(value);
  if (column.y === 'organisms') return [makeStrip(value)];
  if (column.y === 'id') return [makeId(value)];
  if (column.y === 'taxon') return [make('a', { href: store.links.taxon.replace('{}', value), rel: 'noopener' }, value)];
  if (column.y === 'refs') return value.split(/([|,] ?)/).map(makeId);
  if (column.y === 'list') {
    const parts = listParts(column, value);
    const shown = parts.slice(0, 6).flatMap((part, place) => (place ? [', ', makeId(part)] : [makeId(part)]));
    return parts.length > 6 ? [...shown, ` and ${formatCount(parts.length - 6)} more`] : shown;
  }
  return [column.label(row)];
}

// Flags are words, of which the others are ids
const listParts = (column, value) => splitList(value).map(part => (column.k === 'flags' ? part.replaceAll('_', ' ') : part));

// A number leads to the gene products that it counts, or tells the command that finds its lines.
function makeLead(table, column, row, value) {
  const text = column.label(row);
  if (!value) return text;
  const organism = (table.data.by.get('organism_id') || table.data.by.get(`organism${column.k.slice(-2)}`)).at(row);
  if (column.go === 'explain') {
    return make('button', { type: 'button', class: 'lead', 'aria-label': `${text}: how to find these lines`, onclick: event => explain(event.currentTarget, `${fillAddress(table, row)}/${column.k}`) }, text);
  }
  if (column.go === 'component') {
    const component = table.data.by.get('component').at(row);
    return make('a', { href: '#table-component_members', 'data-o': organism, 'data-c': component, 'data-s': 'table-component_members' }, text);
  }
  if (!hasLines() && !['target', 'negated', 'conflicting'].includes(column.go)) return text;
  return make('a', { href: '#gene-products', 'data-o': organism, 'data-k': column.go, 'data-s': 'gene-products' }, text);
}

const fillAddress = (table, row) => table.data.explain.replace(/\{(\w+)\}/g, (braces, name) => table.data.by.get(name).at(row));
const quoteWord = text => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);
function explain(button, address) {
  const box = find('#explain');
  find('code', box).textContent = `gafreduce explain . ${quoteWord(address)}`;
  box.showPopover();
  const place = button.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(place.left, innerWidth - box.offsetWidth - 12))}px`;
  box.style.top = `${Math.min(place.bottom + 6, innerHeight - box.offsetHeight - 8)}px`;
  find('button', box).focus();
}

// A mark for each compared organism, in the order of the matrix: which of them have the term.
function makeStrip(text) {
  const bits = readBits(text);
  const size = Math.min(8, 200 / store.n_compared); // of all organisms in sight
  const [having, lacking] = [[], []];
  for (const [number, place] of listPlaces().entries()) {
    const x = (number * size).toFixed(2);
    if ((bits >> BigInt(place)) & 1n) having.push(`M${x} 1h${(size * 0.8).toFixed(2)}v8h-${(size * 0.8).toFixed(2)}z`);
    else if (size > 3) lacking.push(`M${x} 4h${(size * 0.8).toFixed(2)}v2h-${(size * 0.8).toFixed(2)}z`);
  }
  const n = countBits(bits);
  const names = n <= 3 ? `: ${listOrganisms(text).map(nameOrganism).join(', ')}` : '';
  return make('svg', { class: 'strip', width: Math.ceil(store.n_compared * size), height: 10, role: 'img', 'aria-label': `${n} of ${store.n_compared} organisms${names}` },
    make('path', { class: 'lacking', d: lacking.join('') || 'M0 0' }), make('path', { class: 'having', d: having.join('') || 'M0 0' }));
}

// The terms get the gene products of all organisms, added from the counts by organism.
function addCounts(data, columns) {
  const { n, g } = store.profile;
  const sums = [];
  const starts = [];
  let place = 0;
  for (let row = 0; row < data.n; row += 1) {
    starts.push(place);
    let sum = 0;
    for (const end = place + n[row]; place < end; place += 1) sum += g[place];
    sums.push(sum);
  }
  data.starts = starts;
  const column = { k: 'n_gene_products', h: 'gene products', t: 'Gene products annotated directly, of all compared organisms.', y: 'int', on: 1, go: '', v: sums, isVirtual: true };
  prepareColumn(column);
  columns.push(column);
}

function makeDetails(table, row) {
  if (table.name === 'gene_products') return [makeLines(table, row), makeList(table, row)];
  if (table.name === 'organisms') return [makeProducts(table.data.by.get('organism_id').at(row)), makeList(table, row)];
  if (table.name === 'terms' && store.profile) return [makeCounts(table, row), makeList(table, row)];
  return [makeList(table, row)];
}

const makeGrid = (caption, heads, rows) => make('table', { class: 'grid' }, make('caption', {}, caption),
  make('thead', {}, make('tr', {}, heads.map(head => make('th', { scope: 'col' }, head)))),
  make('tbody', {}, rows.map(cells => make('tr', {}, cells.map((cell, place) => make(place ? 'td' : 'th', { scope: place ? null : 'row' }, cell))))));

const MAX_DETAILS = 200;
function makeLines(table, row) {
  const lines = store.tables.get('annotations');
  const [organism, product] = ['organism_id', 'object_id'].map(name => table.data.by.get(name).at(row));
  const rows = findKinds().get(`${organism}|${product}`)?.rows || [];
  const total = table.data.by.get('n_annotations').at(row);
  if (!rows.length) return make('p', {}, `${formatCount(total)} annotation lines, which the page does not have: `, make('code', {}, `gafreduce explain . ${quoteWord(`${fillAddress(table, row)}/n_annotations`)}`));
  const columns = ['go_id', 'relation', 'negated', 'evidence_code', 'reference', 'with_from', 'assigned_by', 'date', 'source_file'].map(name => lines.by.get(name));
  const name = { data: lines, name: 'annotations' };
  const shown = rows.slice(0, MAX_DETAILS);
  return makeGrid(`${formatCount(shown.length)} of ${formatCount(total)} annotation lines`, columns.map(column => (column.k === 'negated' ? 'NOT' : column.h)),
    shown.map(line => columns.map(column => makeCell(name, column, line))));
}

function makeProducts(organism) {
  const data = store.tables.get('gene_products');
  const { by } = data;
  const rows = [];
  for (let row = 0; row < data.n; row += 1) if (by.get('organism_id').at(row) === organism) rows.push(row);
  if (!rows.length) return make('p', {}, 'No gene product has a line of the term, its descendants or regulators. A missing annotation does not mean the trait is missing.');
  const columns = ['symbol', 'object_id', 'name', 'status', 'best_group', 'n_annotations'].map(name => by.get(name));
  const table = { data, name: 'gene_products' };
  return makeGrid(`${formatCount(Math.min(MAX_DETAILS, rows.length))} of ${formatCount(rows.length)} gene products`, columns.map(column => column.h),
    rows.slice(0, MAX_DETAILS).map(row => columns.map(column => makeCell(table, column, row))));
}

function makeCounts(table, row) {
  const { n, o, a, g, p } = store.profile;
  const start = table.data.starts[row];
  const rows = [];
  let organism = 0;
  for (let place = start; place < start + n[row]; place += 1) {
    organism += o[place];
    rows.push([makeName(store.organisms[organism].id), ...[a, g, p].map(counts => formatCount(counts[place]))]);
  }
  return makeGrid(`${formatCount(Math.min(MAX_DETAILS, rows.length))} of ${formatCount(rows.length)} organisms with the term`,
    ['organism', 'lines', 'gene products, directly', 'also by more specific terms'], rows.slice(0, MAX_DETAILS));
}

const makeList = (table, row) => make('dl', {}, table.columns
  .filter(column => !['', null, undefined].includes(column.at(row)))
  .flatMap(column => [make('dt', {}, column.h), make('dd', {}, column.y === 'organisms' ? column.label(row) : column.y === 'list' ? listParts(column, column.at(row)).flatMap((part, place) => (place ? [', ', makeId(part)] : [makeId(part)])) : makeCell({ ...table, name: '' }, column, row))]));
