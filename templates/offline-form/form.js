// ES2017 and what browsers of 2018 have; text of people goes through textContent and value only.
const byId = (id) => document.getElementById(id);
const form = JSON.parse(byId('form').textContent);
// By the whole head: rows begun for one inspection must not meet what was typed into another.
const KEY = 'chunfeng-form:' + form.checklist + ':' + form.digits + ':' + sha256(new TextEncoder().encode(form.head)).slice(0, 8);
const MAX_SIDE = 1600;
const items = form.sections.reduce((all, section) => all.concat(section.items), []);
const tables = new Map(form.tables.concat(form.people).map((table) => [table.name, table]));
let fields = {}; // what was filled in, by name of field
let photos = [];
let counts = {}; // how many rows a table shows
let blocks = []; // what has messages of its own: an item, a shared table, the site, the visit
const unfinished = new Set(); // dates begun: the browser gives no value of them
let store = null; // the database of photos, if there is one
let unsaved = false;
let exportedAs = '';
let busy = 0; // photos being shrunk

// ── what is unanswered and what is wrong, after every change

function refresh(id) { // the block that was changed and those that look at it; without one, all
  const whole = !id || id === 'scope';
  const looks = items.filter((item) => item.grid === id).map((item) => item.code);
  blocks.filter((each) => whole || each.id === id || looks.indexOf(each.id) >= 0).forEach((each) => {
    const found = each.check();
    if (each.paint) each.paint(found);
    each.found = found;
    show(each, found);
    Array.from(each.box.querySelectorAll('[data-row]')).forEach((row) => {
      row.querySelector('.digest').textContent = digest(tables.get(row.getAttribute('data-table')), Number(row.getAttribute('data-row')));
    });
    Array.from(each.box.querySelectorAll('[data-clear]')).forEach((button) => {
      button.hidden = fields[button.getAttribute('data-clear')] === undefined;
    });
  });
  progress();
}

function show(each, found) {
  const state = found.errors.length ? 'bad' : found.off ? 'off' : found.done ? 'done' : 'open';
  each.box.className = 'block ' + state;
  const tag = each.box.querySelector('.tag.state');
  if (tag) {
    tag.className = 'tag state ' + state;
    tag.textContent = {bad: '要改正', off: '不查', done: '已答', open: '未答'}[state];
  }
  const said = JSON.stringify([found.errors, found.hints, found.todo]);
  if (said !== each.said) { // read aloud only what is new
    each.said = said;
    empty(each.messages);
    found.errors.forEach((error) => each.messages.appendChild(make('li', {class: 'error', text: '✗ ' + error[1]})));
    found.hints.forEach((text) => each.messages.appendChild(make('li', {class: 'hint', text: '提醒：' + text})));
    if (found.todo) each.messages.appendChild(make('li', {class: 'todo', text: found.todo}));
  }
  const all = (holder, wanted) => Array.from(holder.querySelectorAll(wanted));
  all(each.box, '[data-field]').forEach((holder) => {
    const bad = found.errors.some((error) => error[0] === holder.getAttribute('data-field'));
    const input = holder.querySelector('input[type=text], input[type=date], input[type=time], textarea, select');
    holder.classList[bad ? 'add' : 'remove']('is-wrong');
    if (input && bad) input.setAttribute('aria-invalid', 'true');
    else if (input) input.removeAttribute('aria-invalid');
    const given = input ? input.value : holder.querySelector('input:checked');
    holder.classList[given ? 'remove' : 'add']('is-empty'); // is not printed
  });
  all(each.box, '.row').forEach((row) => {
    row.classList[all(row, '[data-field]').length === all(row, '[data-field].is-empty').length ? 'add' : 'remove']('is-empty');
  });
}

const foundOf = (id) => blocks.find((each) => each.id === id).found;

function tally(some) {
  const counted = some.map((item) => foundOf(item.code)).filter((found) => !found.off);
  return {all: counted.length, done: counted.filter((found) => found.done).length};
}

function setCount(id, text, state) {
  const link = byId('sections').querySelector('a[href="#' + id + '"] .count');
  const title = byId(id).querySelector('h2 .count');
  link.className = 'count ' + state;
  if (link.textContent !== text) link.textContent = title.textContent = text;
}

function progress() {
  form.sections.forEach((section, n) => {
    const own = tally(section.items);
    const bad = section.items.some((item) => foundOf(item.code).errors.length);
    setCount('s-' + n, own.done + '/' + own.all + (bad ? ' 要改正' : ''), bad ? 'bad' : own.done === own.all ? 'full' : '');
  });
  const whole = tally(items);
  const text = '已答 ' + whole.done + '/' + whole.all + ' 项';
  if (byId('progress').textContent !== text) byId('progress').textContent = text;
  byId('progress-bar').max = Math.max(whole.all, 1);
  byId('progress-bar').value = whole.done;
  const bad = blocks.filter((each) => each.found.errors.length).length;
  byId('next-open').textContent = '下一项未答';
  byId('next-open').hidden = whole.done === whole.all;
  byId('next-wrong').hidden = !bad;
  byId('next-wrong').textContent = '要改正（' + bad + '）';
}

let last = -1;

function jump(wanted) {
  const order = blocks.map((_, n) => blocks[(last + 1 + n) % blocks.length]);
  const target = order.find(wanted);
  if (!target) return;
  last = blocks.indexOf(target);
  const bad = wanted === isWrong && target.box.querySelector('.is-wrong input, .is-wrong textarea, .is-wrong select');
  const row = bad && bad.closest('details');
  if (row) row.open = true;
  target.box.scrollIntoView();
  const first = bad || target.box.querySelector('.body input, .body textarea') || target.box.querySelector('input, textarea');
  if (first) first.focus({preventScroll: true});
}

const isWrong = (each) => each.found.errors.length > 0;
const isOpenItem = (each) => items.some((item) => item.code === each.id) && !each.found.done && !each.found.off;

// ── what people do

function onInput(event) {
  const input = event.target;
  if (!input.name || input.type === 'file') return;
  const before = fields[input.name];
  const wasUnfinished = unfinished.has(input.name);
  if (input.validity && input.validity.badInput) unfinished.add(input.name);
  else unfinished.delete(input.name);
  if (input.type === 'radio') { if (input.checked) fields[input.name] = input.value; }
  else if (input.type === 'checkbox') { if (input.checked) fields[input.name] = true; else delete fields[input.name]; }
  else if (input.value === '') delete fields[input.name];
  else fields[input.name] = input.value;
  if (input.tagName === 'TEXTAREA') grow(input);
  if (fields[input.name] !== before) changed(blockOf(input));
  else if (wasUnfinished !== unfinished.has(input.name)) refresh(blockOf(input));
}

function clearChoice(name) {
  delete fields[name];
  const radios = Array.from(document.getElementsByName(name));
  radios.forEach((radio) => { radio.checked = false; });
  changed(blockOf(radios[0]));
  radios[0].focus();
}

function onClick(event) {
  const button = event.target.closest('button');
  if (!button) return;
  const said = (name) => button.getAttribute('data-' + name);
  if (said('clear')) clearChoice(said('clear'));
  else if (said('add')) addRow(said('add'));
  else if (said('remove')) removeRow(said('table'), Number(said('remove')));
  else if (said('drop')) dropPhoto(said('drop'));
  else if (said('more')) {
    counts.other += 1;
    const old = byId('b-other');
    blocks = blocks.filter((each) => each.id !== 'other');
    old.parentNode.replaceChild(otherBlock(), old);
    refresh();
    byId('f-other.' + counts.other).focus();
  }
}

function openAll() { // what is folded is not printed
  Array.from(document.querySelectorAll('main details.row, main details.fold')).forEach((row) => { row.open = true; });
  Array.from(document.querySelectorAll('main textarea')).forEach(grow);
}

function listen() {
  const main = byId('main');
  ['input', 'change', 'focusout'].forEach((kind) => main.addEventListener(kind, onInput));
  main.addEventListener('change', (event) => { if (event.target.getAttribute('data-photos')) addPhotos(event.target); });
  main.addEventListener('click', onClick);
  main.addEventListener('toggle', (event) => Array.from(event.target.querySelectorAll('textarea')).forEach(grow), true);
  byId('next-open').addEventListener('click', () => jump(isOpenItem));
  byId('next-wrong').addEventListener('click', () => jump(isWrong));
  ['export', 'export-too'].forEach((id) => byId(id).addEventListener('click', download));
  byId('restore').addEventListener('change', (event) => {
    const file = event.target.files[0];
    event.target.value = '';
    if (file) restore(file);
  });
  byId('print').addEventListener('click', () => { openAll(); window.print(); });
  byId('clear').addEventListener('click', clear);
  window.addEventListener('beforeprint', openAll);
  window.addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', () => { if (document.hidden) save(); });
  window.addEventListener('beforeunload', (event) => {
    save();
    if (unsaved) { event.preventDefault(); event.returnValue = ''; }
  });
  window.addEventListener('storage', (event) => {
    if (event.key === KEY) warn('这张表在另一个窗口也打开着，两边会互相覆盖：请只留一个窗口，关掉后刷新本页。');
  });
  window.addEventListener('error', () => warn('页面出了错，请“导出答案”留底，再刷新本页。'));
}

async function start() {
  store = await openStore();
  photos = await keptPhotos();
  const kept = saved(); // last: just after a reload a busy browser may still be writing what the page before it kept
  fields = Object.assign({}, kept ? kept.fields : form.start);
  listen();
  build();
  ['bar', 'sections', 'end'].forEach((id) => { byId(id).hidden = false; });
  byId('opening').hidden = true;
  Array.from(document.querySelectorAll('main textarea')).forEach(grow);
  if (hasContent()) notice('接着填：已恢复' + (fields['site.name'] ? '“' + fields['site.name'] + '”' : '') + (kept ? ' ' + kept.saved + ' ' : '') + '存下的内容。要填另一家，先导出答案，再点页尾的“清空，填下一家”。');
}
