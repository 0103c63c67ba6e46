// One selection for the whole page, in its address: #o=IDS&e=GROUPS&k=KIND&c=COMPONENT&n=NUMBER&m=MODE&r=ORDER&q.TABLE=TEXT&s=SECTION
// Without these scripts the page is a document with all figures and the first rows of its tables.
document.documentElement.classList.add('js');
const find = (selector, root = document) => root.querySelector(selector);
const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];
// A whole number with commas; toLocaleString takes 45 ms at its first call.
const formatCount = number => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;

function make(tag, attributes = {}, ...children) {
  const isDrawn = ['svg', 'path', 'rect'].includes(tag);
  const element = isDrawn ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value != null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat(9).filter(child => child != null));
  return element;
}

function makeEmptyState() {
  return { o: new Set(), e: new Set(), k: '', c: '', n: 0, m: 'any', r: '', q: new Map(), s: '' };
}
let state = makeEmptyState();
const hasSelection = () => Boolean(state.o.size || state.e.size || state.k || state.c || state.n);
const listeners = []; // functions that show the selection

function readAddress() {
  const hash = location.hash.slice(1);
  const read = makeEmptyState();
  if (!hash.includes('=')) { read.s = hash; state = read; return; }
  for (const part of hash.split('&')) {
    const [key, ...rest] = part.split('=');
    let value;
    try { value = decodeURIComponent(rest.join('=')); } catch (error) { continue; /* of another page */ }
    if (key === 'o' || key === 'e') read[key] = new Set(value.split(',').filter(Boolean));
    else if (key === 'n') read.n = Number.parseInt(value, 10) || 0;
    else if (key.startsWith('q.') && value) read.q.set(key.slice(2), value);
    else if (key === 'm') read.m = ['every', 'exactly'].includes(value) ? value : 'any';
    else if (['k', 'c', 'r', 's'].includes(key)) read[key] = value;
  }
  state = read;
}

function writeAddress(isStep) {
  const parts = [];
  const add = (key, value) => { if (value) parts.push(`${key}=${encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%3A', ':')}`); };
  add('o', [...state.o].join(','));
  add('e', [...state.e].join(','));
  for (const key of ['k', 'c']) add(key, state[key]);
  add('n', state.n || '');
  add('m', state.m === 'any' ? '' : state.m);
  add('r', state.r);
  for (const [table, text] of state.q) add(`q.${table}`, text);
  add('s', state.s);
  history[isStep ? 'pushState' : 'replaceState'](null, '', parts.length === 1 && state.s ? `#${state.s}` : `#${parts.join('&')}`);
}

// Change the selection, as a step that Back undoes, and go to a section.
function select(change, section = '') {
  change(state);
  if (!state.o.size) state.m = 'any';
  if (section) state.s = section;
  writeAddress(true);
  showState();
  if (section) goTo(section);
}

function clearSelection() {
  select(old => Object.assign(old, makeEmptyState(), { r: old.r, q: old.q, s: old.s }));
}

function showState() { listeners.forEach(show => show()); }

// Sections below the first screen are laid out when they are near it, or all after the start.
const showWhole = () => document.documentElement.classList.add('whole');

function goTo(section) {
  const target = document.getElementById(section);
  if (!target) return;
  showWhole();
  for (let up = target; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
  target.scrollIntoView({ behavior: isStill ? 'auto' : 'smooth', block: 'start' });
  const heading = find('h1, h2', target) || target;
  heading.setAttribute('tabindex', '-1');
  heading.focus({ preventScroll: true });
}

const toggle = (set, value) => { if (!set.delete(value)) set.add(value); };

// What a link or a mark of a figure selects; its attributes are data-o, -e, -k, -c, -n, -m and -s.
function followMark({ o, e, k, c, n, m, s }) {
  select(old => {
    if (n) { old.n = old.n === Number(n) ? 0 : Number(n); old.m = 'any'; return; }
    const ids = o ? o.split(',') : [];
    if (s || m) { // leads to rows
      const isSame = m === 'exactly' && old.m === m && ids.length === old.o.size && ids.every(each => old.o.has(each));
      Object.assign(old, { o: new Set(isSame ? [] : ids), e: new Set(e ? [e] : []), k: k || '', c: c || '', n: 0, m: isSame ? 'any' : m || 'any' });
    } else if (ids.length) {
      const isSelected = ids.every(each => old.o.has(each));
      ids.forEach(each => (isSelected ? old.o.delete(each) : old.o.add(each)));
    } else if (e) toggle(old.e, e);
  }, s);
}

document.addEventListener('click', event => {
  const link = event.target.closest('a[href^="#"], [data-mark]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const keys = { ...link.dataset };
  if (keys.o || keys.e || keys.n) followMark(keys);
  else {
    state.s = link.getAttribute('href').slice(1);
    writeAddress(true);
    goTo(state.s);
  }
});
addEventListener('popstate', () => {
  readAddress();
  showState();
  if (state.s) goTo(state.s);
});
document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  const menu = event.target.closest('details.menu[open]');
  if (hideTip()) return;
  if (menu) { menu.open = false; find('summary', menu).focus(); return; }
  if (find('#explain:popover-open')) return;
  if (hasSelection()) clearSelection();
});

// The list of what is selected
const KINDS = { target: 'annotated to the term', regulator: 'regulators', negated: 'NOT', conflicting: 'annotated and NOT' };
function showChips() {
  const list = find('#chips');
  const chips = [];
  const addChip = (text, remove) => chips.push(make('li', {}, make('button', {
    type: 'button', 'aria-label': `Remove from the selection: ${text}`, onclick: () => { select(remove); (find('#chips button') || find('#selection')).focus(); },
  }, text, make('span', { 'aria-hidden': 'true' }, ' ×'))));
  if (state.o.size > 5) addChip(`${state.o.size} organisms`, old => old.o.clear());
  else state.o.forEach(id => addChip(nameOrganism(id), old => old.o.delete(id)));
  if (state.m === 'exactly') addChip('in exactly these', old => { old.m = 'any'; });
  if (state.m === 'every') addChip('in every one of these', old => { old.m = 'any'; });
  state.e.forEach(group => addChip(labelGroup(group), old => old.e.delete(group)));
  if (state.k) addChip(KINDS[state.k] || `any line: ${labelGroup(state.k.replace('group:', ''))}`, old => { old.k = ''; });
  if (state.c) addChip(state.c, old => { old.c = ''; });
  if (state.n) addChip(`terms in exactly ${formatCount(state.n)}`, old => { old.n = 0; });
  if (chips.length > 1) chips.push(make('li', {}, make('button', { type: 'button', class: 'all', onclick: () => { clearSelection(); find('#selection').focus(); } }, 'Clear all')));
  list.replaceChildren(...chips);
  document.body.classList.toggle('selected', hasSelection());
  find('#selection-hint').hidden = Boolean(chips.length);
}
listeners.push(showChips);
const labelGroup = group => find(`[data-label="${CSS.escape(group)}"]`)?.dataset.words || group.replaceAll('_', ' ');
function nameOrganism(id) {
  const found = store?.byId.get(id);
  return found ? found.name.map(part => part[0]).join('') : id;
}

// A description that appears at the focus and under the pointer, and that Escape hides
const tip = find('#tip');
let described = null;
function hideTip() {
  if (tip.hidden) return false;
  tip.hidden = true;
  described?.removeAttribute('aria-describedby');
  described = null;
  return true;
}
function showTip(element, text) {
  hideTip();
  if (!text) return;
  tip.textContent = text;
  tip.hidden = false;
  const box = element.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(box.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${box.bottom + tip.offsetHeight + 8 > innerHeight ? Math.max(0, box.top - tip.offsetHeight - 4) : box.bottom + 4}px`;
  element.setAttribute('aria-describedby', 'tip');
  described = element;
}
const findDescribed = event => event.target.closest?.('[data-tip]');
document.addEventListener('focusin', event => { const element = findDescribed(event); if (element) showTip(element, element.dataset.tip); else hideTip(); });
document.addEventListener('pointerover', event => {
  const element = findDescribed(event);
  if (element && element !== described) showTip(element, element.dataset.tip);
  else if (!element && !tip.contains(event.target) && described !== document.activeElement) hideTip();
});

let toastTimer;
function say(text) {
  const toast = find('#toast');
  toast.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.textContent = ''; }, 4000);
}
