// The store: all rows of the page's tables, unpacked from a data block.
let store = null;

function decodeBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text); // browsers of 2025
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length); // from() with a function takes ten times as long
  for (let place = 0; place < characters.length; place += 1) bytes[place] = characters.charCodeAt(place);
  return bytes;
}

async function unpackStore() {
  const bytes = decodeBase64(find('#store').textContent);
  const unpacked = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
  unpacked.byId = new Map(unpacked.organisms.map((each, place) => [each.id, { ...each, place }]));
  unpacked.tables = new Map(Object.entries(unpacked.tables));
  unpacked.tables.forEach(table => {
    table.by = new Map(table.columns.map(column => [column.k, column]));
    table.columns.forEach(prepareColumn);
  });
  unpacked.whole = unpacked.organisms.slice(0, unpacked.n_compared)
    .reduce((bits, each, place) => (each.whole ? bits | (1n << BigInt(place)) : bits), 0n);
  store = unpacked;
}

// Each column gets `at(row)`, its raw value, and `label(row)`, its value in words.
function prepareColumn(column) {
  if (column.v) column.at = row => column.v[row];
  else if (column.i) column.at = row => column.d[column.i[row]];
  else column.at = () => column.d?.[0] ?? '';
  if (column.l) column.label = row => column.l[column.i ? column.i[row] : 0];
  else column.label = row => writeValue(column, column.at(row));
  column.isNumber = column.y === 'int' || column.y === 'float';
}

function writeValue(column, value) {
  if (value == null) return '';
  if (column.y === 'int') return formatCount(value);
  if (column.y === 'float') return formatFloat(value);
  if (column.y === 'organism') return nameOrganism(value);
  if (column.y === 'organisms') return listOrganisms(value).map(nameOrganism).join(', ');
  return String(value);
}

function formatFloat(value) {
  if (typeof value !== 'number') return value.startsWith('-') ? '−∞' : '∞';
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e9) return formatCount(Math.round(value));
  return size && (size < 1e-3 || size >= 1e9) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

// Sets of organisms are numbers in hexadecimal, with a bit for each.
const bitsOf = new Map();
function readBits(text) {
  let bits = bitsOf.get(text);
  if (bits === undefined) bitsOf.set(text, bits = BigInt(`0x${text || '0'}`));
  return bits;
}
const countBits = bits => { let n = 0; for (const digit of bits.toString(2)) if (digit === '1') n += 1; return n; };
function listOrganisms(text) {
  const bits = readBits(text);
  return store.organisms.slice(0, store.n_compared).filter((each, place) => (bits >> BigInt(place)) & 1n).map(each => each.id);
}
const makeBits = ids => [...ids].reduce((bits, id) => { const found = store.byId.get(id); return found?.n ? bits | (1n << BigInt(found.place)) : bits; }, 0n);

// Ids are linked if their database is known; what is no plain accession stays text.
function findAddress(id) {
  const [, prefix, accession] = /^([^:]*):([A-Za-z0-9_.:-]+)$/.exec(id) || [];
  if (!accession || /^\.+$/.test(accession) || !Object.hasOwn(store.links, prefix)) return null;
  return store.links[prefix].replace('{}', accession);
}
function makeId(id) {
  const address = findAddress(id);
  return address ? make('a', { href: address, rel: 'noopener' }, id) : id;
}
const splitList = text => (text ? text.split('|').map(part => part.replaceAll('%7C', '|').replaceAll('%25', '%')) : []);
const makeName = id => (store.byId.get(id)?.name || [[id, 0]]).map(([text, isItalic]) => (isItalic ? make('i', {}, text) : text));

const hasLines = () => { const lines = store.tables.get('annotations'); return Boolean(lines && lines.n === lines.all); };

// Gene products by what their lines say: which are counted by a number of the table of organisms.
let kinds = null;
function findKinds() {
  if (kinds) return kinds;
  kinds = new Map();
  const lines = store.tables.get('annotations');
  if (!lines) return kinds;
  const [organism, product, term, part, not, group] =
    ['organism_id', 'object_id', 'term_class', 'takes_part', 'negated', 'evidence_group'].map(name => lines.by.get(name));
  for (let row = 0; row < lines.n; row += 1) {
    const key = `${organism.at(row)}|${product.at(row)}`;
    let found = kinds.get(key);
    if (!found) kinds.set(key, found = { kinds: new Set(), rows: [] });
    found.rows.push(row);
    if (part.at(row) !== 'true' || not.at(row) === 'true') continue;
    const isTarget = ['target', 'core'].includes(term.at(row));
    if (isTarget) { found.kinds.add('target'); found.kinds.add(`group:${group.at(row)}`); }
    if (term.at(row).endsWith('regulator')) found.kinds.add('regulator');
  }
  return kinds;
}
let members = null;
function findMembers() { // components of each gene product
  if (members) return members;
  members = new Map();
  for (const name of ['component_members', 'candidates']) {
    const table = store.tables.get(name);
    for (let row = 0; table && row < table.n; row += 1) {
      const key = `${table.by.get('organism_id').at(row)}|${table.by.get('object_id').at(row)}`;
      members.set(key, (members.get(key) || new Set()).add(table.by.get('component').at(row)));
    }
  }
  return members;
}

// Return the test whether a row of a table belongs to the selection.
function makeTest(name, table) {
  const tests = [];
  const { by } = table;
  const organisms = by.get('organism_id') || by.get('organism_a');
  if (state.o.size && organisms) {
    const second = by.get('organism_b');
    tests.push(row => state.o.has(organisms.at(row)) || (second && state.o.has(second.at(row))));
  }
  if (by.has('organism_ids')) {
    const column = by.get('organism_ids');
    const wanted = makeBits(state.o);
    if (wanted && state.m === 'any') tests.push(row => readBits(column.at(row)) & wanted);
    if (wanted && state.m === 'every') tests.push(row => (readBits(column.at(row)) & wanted) === wanted);
    if (wanted && state.m === 'exactly') tests.push(row => (readBits(column.at(row)) & store.whole) === wanted);
    if (state.n) tests.push(row => countBits(readBits(column.at(row)) & store.whole) === state.n);
  }
  const group = by.get('best_group') || by.get('evidence_group');
  if (state.e.size && group && name !== 'organisms') tests.push(row => state.e.has(group.at(row)));
  if (state.c && by.has('component')) tests.push(row => by.get('component').at(row) === state.c);
  if (name === 'gene_products') {
    const keyOf = row => `${by.get('organism_id').at(row)}|${by.get('object_id').at(row)}`;
    if (state.c) tests.push(row => findMembers().get(keyOf(row))?.has(state.c));
    const status = by.get('status');
    if (state.k === 'negated') tests.push(row => ['negated', 'conflicting'].includes(status.at(row)));
    else if (state.k === 'conflicting') tests.push(row => status.at(row) === 'conflicting');
    else if (state.k === 'target' && !hasLines()) tests.push(row => ['positive', 'conflicting'].includes(status.at(row)));
    else if (state.k) tests.push(row => findKinds().get(keyOf(row))?.kinds.has(state.k));
  }
  return row => tests.every(test => test(row));
}
