// Start: what works at once, then the tables, when the store is unpacked and they come into sight.
async function copyText(text, what) {
  try { await navigator.clipboard.writeText(text); } catch (error) {
    const area = make('textarea', { class: 'hidden', 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    if (!isCopied) { say('The browser does not allow copying here'); return; }
  }
  say(`${what} copied`);
}
findAll('[data-copy]').forEach(button => {
  button.hidden = false;
  button.addEventListener('click', () => {
    const id = button.dataset.copy;
    copyText(id === 'link' ? location.href : document.getElementById(id).textContent.trim(), button.dataset.what);
  });
});

// Names and keys of the matrix select too.
findAll('.key [data-label]').forEach(entry => {
  const button = make('button', { type: 'button', 'data-e': entry.dataset.label, 'aria-pressed': 'false', onclick: () => select(old => toggle(old.e, entry.dataset.label)) });
  button.append(...entry.childNodes);
  entry.append(button);
});
findAll('.matrix th[data-tip]').forEach(head => {
  const button = make('button', { type: 'button', class: 'lead', 'data-tip': head.dataset.tip }, ...head.childNodes);
  head.removeAttribute('data-tip');
  head.append(button);
});

// Beside a figure without a neighbour is room for its numbers.
if (matchMedia('(min-width: 78rem)').matches) findAll('figure:only-child > details').forEach(each => { each.open = true; });

// The side bar marks the section that is read.
const contents = new Map(findAll('nav a').map(link => [link.hash.slice(1), link]));
const sections = findAll('main > section');
function markSection() {
  const passed = sections.filter(each => each.getBoundingClientRect().top < innerHeight / 3);
  const current = passed.length ? passed[passed.length - 1].id : sections[0].id;
  contents.forEach((link, id) => {
    if (id === current) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
}
addEventListener('scroll', markSection, { passive: true });
markSection();

addEventListener('beforeprint', () => { hideTip(); built.forEach(table => table.print(true)); });
addEventListener('afterprint', () => built.forEach(table => table.print(false)));

// Build the tables that come into sight; resolves when those are built that are in sight now.
function buildTables() {
  return new Promise(resolve => {
    const observer = new IntersectionObserver(entries => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        if (!built.has(target.dataset.table)) new Table(target);
      }
      resolve();
    }, { rootMargin: '600px' });
    const places = findAll('[data-table]');
    places.forEach(place => observer.observe(place));
    if (!places.length) resolve();
  });
}

readAddress();
// The browser goes back to where a page was read that is loaded again: it must have its height.
if (performance.getEntriesByType('navigation')[0]?.type !== 'navigate') showWhole();
// The store is unpacked while the browser draws the first screen.
const unpacking = typeof DecompressionStream === 'undefined' ? null : unpackStore();
const whenIdle = window.requestIdleCallback || (call => setTimeout(call, 30));
whenIdle(async () => {
  if (unpacking) {
    await unpacking;
    findAll('.matrix .cells').forEach(prepareMarks);
    startOrders();
  } else {
    findAll('.cut').forEach(each => { each.textContent += ' This browser is too old to show them.'; });
  }
  showState();
  if (state.s) goTo(state.s);
  if (unpacking) await buildTables();
  document.body.dataset.seconds = (performance.now() / 1000).toFixed(3);
  if (unpacking) findAll('figure').forEach(prepareFigure); // below the first screen
  showInFigures();
  document.body.dataset.ready = 'true';
  whenIdle(showWhole);
}, { timeout: 200 });
