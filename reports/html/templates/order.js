// One order of organisms for the matrix, the figures and the tables: #r=ORDER. Partial files are last.
const ORDERS = {
  name: ['name', (a, b) => a.name.localeCompare(b.name, 'en')],
  products: ['gene products', (a, b) => b.products - a.products],
  depth: ['annotation depth', (a, b) => b.depth - a.depth],
  similarity: ['similarity', (a, b) => a.like - b.like],
};
const matrixRows = findAll('.matrix tbody tr');
const orderMenu = make('select', { onchange: () => { state.r = orderMenu.value; writeAddress(true); showState(); } });
let places = new Map(); // id of an organism, or name of a group -> its place
let shownOrder = '';

function startOrders() {
  if (!matrixRows.length || store.organisms[0]?.p === undefined) return;
  const hasLikeness = store.organisms[0].s !== undefined;
  orderMenu.append(make('option', { value: '' }, find('.matrix').dataset.order),
    ...Object.entries(ORDERS).filter(([key]) => key !== 'similarity' || hasLikeness).map(([key, [words]]) => make('option', { value: key }, words)));
  find('.matrix').nextElementSibling.append(make('label', { class: 'order' }, 'Order by ', orderMenu));
  listeners.unshift(showOrder);
}

function rank() {
  const organisms = store.organisms.slice(0, store.n_compared).map(each => ({ key: each.id, name: nameOrganism(each.id), products: each.p, depth: each.d, like: each.s, isPart: !each.whole }));
  const groups = matrixRows.map(row => ({ key: row.dataset.row, name: row.dataset.row, products: Number(row.dataset.p), depth: Number(row.dataset.d), like: 0, isPart: false }));
  const [, compare] = ORDERS[state.r] || [];
  places = new Map();
  for (const listed of [organisms, groups]) {
    if (compare) listed.sort((a, b) => a.isPart - b.isPart || compare(a, b));
    listed.forEach(({ key }, place) => { if (!places.has(key)) places.set(key, place); });
  }
}

const placeOf = key => places.get(key) ?? places.size;
const placed = new WeakMap(); // element of a figure -> its transform in the drawing
function moveRows(picture) {
  const axis = find('[data-across]', picture) ? 'across' : 'at';
  const rows = findAll(`[data-${axis}]`, picture).map(each => [each.dataset.row, Number(each.dataset[axis])]);
  if (!rows.length) return;
  const slots = rows.map(row => row[1]).sort((a, b) => a - b);
  const old = new Map(rows);
  const now = new Map(rows.map(row => row[0]).sort((a, b) => placeOf(a) - placeOf(b)).map((key, place) => [key, slots[place]]));
  findAll('[data-row]', picture).forEach(each => {
    if (!placed.has(each)) placed.set(each, each.getAttribute('transform') || '');
    const shift = (now.get(each.dataset.row) - old.get(each.dataset.row)).toFixed(1);
    each.setAttribute('transform', `translate(${axis === 'at' ? `0 ${shift}` : `${shift} 0`}) ${placed.get(each)}`.trim());
  });
  findAll('[data-span]', picture).forEach(line => { // between the first and last dot of a set
    const ys = line.dataset.span.split('|').map(key => now.get(key) + 5.5);
    const x = /^M *(-?[\d.]+)/.exec(line.getAttribute('d'))[1];
    line.setAttribute('d', `M${x} ${Math.min(...ys)}L${x} ${Math.max(...ys)}`);
  });
}

function showOrder() {
  orderMenu.value = Object.hasOwn(ORDERS, state.r) ? state.r : '';
  if (state.r === shownOrder) return;
  shownOrder = state.r;
  rank();
  find('.matrix tbody').append(...(ORDERS[state.r] ? [...matrixRows].sort((a, b) => placeOf(a.dataset.row) - placeOf(b.dataset.row)) : matrixRows));
  findAll('.picture svg').forEach(moveRows);
}

// Places of the compared organisms, in the order that was chosen
const listPlaces = () => {
  const all = Array.from({ length: store.n_compared }, (each, place) => place);
  return ORDERS[state.r] ? all.sort((a, b) => placeOf(store.organisms[a].id) - placeOf(store.organisms[b].id)) : all;
};
