// Figures: marks that select and that the selection dims, and files as shown.
function listKeys(mark) {
  const { organism, group, component, count, set } = mark.dataset;
  if (set) return { o: set.replaceAll('|', ','), m: 'exactly', s: 'terms' };
  if (count) return { n: count, s: 'terms' };
  if (component) return { o: organism, c: component, s: 'table-component_members' };
  if (group) return { o: organism, e: group, s: organism ? 'gene-products' : '' };
  return { o: organism };
}

function describeMark({ o, e, c, n, m }) {
  if (n) return `Terms in exactly ${n} organisms`;
  const ids = o ? o.split(',') : [];
  const names = ids.length > 3 ? `${ids.length} organisms` : ids.map(nameOrganism).join(', ');
  if (m) return `Terms in exactly: ${names}`;
  return [names, c, e && labelGroup(e)].filter(Boolean).join(', ');
}

const MARKS = '[data-organism], [data-group], [data-component], [data-count], [data-set]';
function prepareMarks(picture) {
  const stops = new Map(); // description -> marks
  findAll(MARKS, picture).forEach(mark => {
    const keys = listKeys(mark);
    for (const [key, value] of Object.entries(keys)) if (value) mark.dataset[key] = value;
    mark.dataset.mark = '';
    const words = mark.dataset.words || describeMark(keys);
    if (!stops.has(words)) stops.set(words, mark);
    mark.dataset.tip = words;
  });
  if (stops.size) {
    picture.setAttribute('role', 'group');
    [...stops.values()].forEach((mark, place) => {
      mark.setAttribute('role', 'button');
      mark.setAttribute('tabindex', place ? '-1' : '0');
      mark.setAttribute('aria-label', mark.dataset.tip);
      mark.setAttribute('aria-pressed', 'false');
    });
    picture.addEventListener('keydown', event => moveInside(event, [...stops.values()]));
  }
}

function prepareFigure(figure) {
  prepareMarks(find('.picture svg', figure));
  const sizes = make('select', { 'aria-label': 'Width and resolution of the PNG' }, [[85, 300], [85, 600], [180, 300], [180, 600]].map(([width, dpi]) => make('option', { value: `${width} ${dpi}` }, `${width} mm, ${dpi} dpi`)));
  find('details', figure).before(make('p', { class: 'save' },
    make('button', { type: 'button', 'aria-label': `Save as SVG: ${figure.dataset.name}`, onclick: () => saveDrawing(figure) }, 'SVG'), ' ',
    make('button', { type: 'button', 'aria-label': `Save as PNG: ${figure.dataset.name}`, onclick: () => savePicture(figure, ...sizes.value.split(' ').map(Number)) }, 'PNG'), ' ', sizes));
}

function moveInside(event, stops) {
  const place = stops.indexOf(event.target);
  if (place < 0) return;
  if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); followMark(event.target.dataset); return; }
  const next = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1, ArrowUp: place - 1, Home: 0, End: stops.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const target = stops[Math.max(0, Math.min(stops.length - 1, next))];
  stops[place].setAttribute('tabindex', '-1');
  target.setAttribute('tabindex', '0');
  target.focus();
}

// Organisms of a row of a figure: itself, or those of the group
const membersOf = new Map(findAll('.matrix tr[data-row]').map(row => [row.dataset.row, row.dataset.o.split(',')]));
const listMembers = key => membersOf.get(key) || [key];
let isNarrowed = false;
function showInFigures() {
  if (!hasSelection() && !isNarrowed) return; // thousands of marks are as they were drawn
  isNarrowed = hasSelection();
  const chosen = [...state.o];
  findAll('.picture svg [data-mark]').forEach(mark => {
    const { o, e, c, n, m } = mark.dataset;
    const ids = o ? o.split(',') : [];
    let isOn = true;
    if (n) isOn = !state.n || Number(n) === state.n;
    else if (m) isOn = !chosen.length || (state.m === 'exactly' ? ids.length === chosen.length && chosen.every(id => ids.includes(id)) : chosen.every(id => ids.includes(id)));
    else if (ids.length) isOn = !chosen.length || ids.some(id => state.o.has(id));
    if (e && state.e.size) isOn &&= state.e.has(e);
    if (c && state.c) isOn &&= c === state.c;
    mark.classList.toggle('dim', !isOn);
    if (mark.hasAttribute('aria-label')) mark.setAttribute('aria-pressed', String(hasSelection() && isOn && (n ? state.n > 0 : chosen.length > 0 || Boolean(e && state.e.size))));
  });
  findAll('figcaption .narrowed').forEach(each => { each.replaceChildren(...(chosen.length ? [' Selected: ', ...(chosen.length > 1 ? [`${chosen.length} organisms`] : makeName(chosen[0])), '. Title and scale are those of all.'] : [])); });
  const isChosen = ids => !chosen.length || ids.some(id => state.o.has(id));
  findAll('.picture svg [data-row]').forEach(each => each.classList.toggle('off', !isChosen(listMembers(each.dataset.row))));
  findAll('.matrix .cells rect[data-o]').forEach(cell => cell.classList.toggle('dim', !isChosen([cell.dataset.o])));
  findAll('.matrix tr[data-o]').forEach(row => {
    const isOn = isChosen(row.dataset.o.split(','));
    row.classList.toggle('selected', isOn && chosen.length > 0);
    row.classList.toggle('dimmed', !isOn);
  });
  findAll('button[data-e]').forEach(each => each.setAttribute('aria-pressed', String(state.e.has(each.dataset.e))));
  findAll('.matrix .evidence [data-group]').forEach(part => part.classList.toggle('dim', state.e.size > 0 && !state.e.has(part.dataset.group)));
}
listeners.push(showInFigures);

// A drawing by itself: its colours are attributes, the font and the patterns go with it.
function copyDrawing(figure, width) {
  const copy = find('.picture svg', figure).cloneNode(true);
  const [, , w, h] = copy.getAttribute('viewBox').split(' ').map(Number);
  findAll('.dim, .off', copy).forEach(mark => mark.setAttribute('opacity', '0.22'));
  [copy, ...findAll('*', copy)].forEach(each => {
    for (const { name } of [...each.attributes]) if (/^(data-|aria-|class$|role$|tabindex$)/.test(name)) each.removeAttribute(name);
  });
  const fonts = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules]).filter(rule => rule instanceof CSSFontFaceRule).map(rule => rule.cssText).join('\n');
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  style.textContent = `${fonts}\ntext{font-family:"Gafreduce Sans","Source Sans 3",Arial,sans-serif}`;
  copy.prepend(style, find('.patterns defs').cloneNode(true));
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', `${width}mm`);
  copy.setAttribute('height', `${(width * h / w).toFixed(2)}mm`);
  return { text: new XMLSerializer().serializeToString(copy), ratio: h / w };
}
const nameFile = figure => `gafreduce-${figure.dataset.name}-${document.body.dataset.run}`;
function saveDrawing(figure) {
  saveFile(`${nameFile(figure)}.svg`, 'image/svg+xml', copyDrawing(figure, Number(document.body.dataset.width)).text);
}
async function savePicture(figure, width, dpi) {
  const { text, ratio } = copyDrawing(figure, width);
  const image = new Image();
  const bytes = new TextEncoder().encode(text);
  image.src = `data:image/svg+xml;base64,${btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))}`;
  await image.decode();
  const canvas = make('canvas', { width: Math.round(width / 25.4 * dpi), height: Math.round(width / 25.4 * dpi * ratio) });
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob(blob => saveFile(`${nameFile(figure)}-${width}mm-${dpi}dpi.png`, 'image/png', blob), 'image/png');
}
