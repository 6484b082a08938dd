// ── elements

function make(tag, attributes, children) {
  const element = document.createElement(tag);
  Object.keys(attributes || {}).forEach((key) => {
    const value = attributes[key];
    if (key === 'text') element.textContent = value;
    else if (typeof value === 'function') element.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  });
  (children || []).forEach((child) => {
    if (child) element.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
  });
  return element;
}

function empty(element) {
  while (element.firstChild) element.removeChild(element.firstChild);
  return element;
}

function warn(text) {
  byId('warning').textContent = text;
  byId('warning').hidden = !text;
}

function notice(text) {
  byId('notice').textContent = text;
  byId('notice').hidden = !text;
}

// ── questions

function isGiven(question) {
  if (question.kind === 'choices') return question.options.some((_, n) => fields[question.name + '.' + (n + 1)]);
  return fields[question.name] !== undefined;
}

function ticked(question) {
  return question.options.filter((_, n) => fields[question.name + '.' + (n + 1)]);
}

function option(type, name, value, label, block) {
  const input = make('input', {type: type, name: name, value: value, 'aria-describedby': 'm-' + block});
  input.checked = type === 'radio' ? fields[name] === value : Boolean(fields[name]);
  return make('label', {class: type === 'radio' ? 'opt' : 'opt box'}, [input, make('span', {text: label})]);
}

function boxes(question, block, main) {
  const several = question.kind === 'choices';
  const options = question.options.map((word, n) => (several
    ? option('checkbox', question.name + '.' + (n + 1), '1', word, block)
    : option('radio', question.name, word, word, block)));
  if (!several) { // a radio button cannot be taken back by itself
    options.push(make('button', {type: 'button', class: 'small plain', hidden: true, 'data-clear': question.name, 'aria-label': '清除：' + question.title, text: '清除'}));
  }
  const inline = !main && !several && question.options.length === 2 && question.title.length <= 12;
  return make('fieldset', {class: inline ? 'choice inline' : 'choice', 'data-field': question.name}, [
    make('legend', {class: main ? 'main' : null, text: question.title}), make('div', {class: 'options'}, options)]);
}

function setText(input, text) {
  input.value = text;
  if (input.value !== text) { // a date that the picker does not take must not vanish
    input.type = 'text';
    input.value = text;
  }
}

function entry(question, block, main) {
  const id = 'f-' + question.name;
  const shared = {id: id, name: question.name, 'aria-describedby': 'm-' + block, autocomplete: 'off'};
  let input;
  if (question.kind === 'select') {
    input = make('select', shared, [make('option', {value: ''})].concat(question.options.map((word) => make('option', {value: word, text: word}))));
  } else if (question.kind === 'text') {
    input = make('textarea', Object.assign({rows: 1}, shared));
  } else {
    const type = question.kind === 'date' || question.kind === 'time' ? question.kind : 'text';
    const mode = {number: 'decimal', count: 'numeric'}[question.kind];
    // iOS has no minus sign on its number pads
    const wide = question.kind === 'number' && !(question.low >= 0) ? 'text' : mode;
    input = make('input', Object.assign({type: type, inputmode: wide, max: type === 'date' ? '9999-12-31' : null}, shared));
  }
  setText(input, fields[question.name] === undefined ? '' : String(fields[question.name]));
  const label = make('label', {for: id, class: main ? 'main' : null, text: question.title});
  const field = question.unit ? make('div', {class: 'with-unit'}, [input, make('span', {class: 'unit', text: question.unit})]) : input;
  return make('div', {class: question.most > 400 && !question.column ? 'field wide' : 'field', 'data-field': question.name}, [label, field]);
}

function control(question, block, main) {
  return question.kind === 'choice' || question.kind === 'choices' ? boxes(question, block, main) : entry(question, block, main);
}

// ── rows

function showRow(table, number, block) {
  const begun = table.begun[number - 1];
  const parts = [];
  if (begun) {
    parts.push(make('div', {class: 'fixed'}, table.columns.filter((asked) => begun[asked.id] !== undefined).map((asked) => make('p', {}, [
      make('span', {class: 'name', text: asked.title}), begun[asked.id]]))));
  }
  asks(table, number).forEach((question) => parts.push(control(question, block)));
  if (!begun) {
    parts.push(make('div', {class: 'row-end'}, [make('button', {
      type: 'button', class: 'small', 'data-remove': number, 'data-table': table.name, 'aria-label': '删去' + table.title + '第 ' + number + ' 行', text: '删去'})]));
  }
  const grid = make('div', {class: 'grid'}, parts);
  if (table.columns.length <= 8) return make('fieldset', {class: 'row'}, [make('legend', {text: '第 ' + number + ' 行'}), grid]);
  return make('details', {class: 'row', 'data-row': number, 'data-table': table.name}, [
    make('summary', {}, ['第 ' + number + ' 行　', make('span', {class: 'digest'})]), grid]);
}

function digest(table, number) {
  const begun = table.begun[number - 1] || {};
  const first = table.columns.filter((asked) => asked.kind === 'text').map((asked) => begun[asked.id] || fields[table.name + '.' + number + '.' + asked.id]);
  const filled = asks(table, number).filter(isGiven).length;
  return first.filter(Boolean).slice(0, 3).join('　') + (filled ? '（已填 ' + filled + ' 栏）' : '（未填）');
}

function showRows(table, block, open) {
  const holder = make('div', {class: 'rows', id: 't-' + table.name});
  for (let number = 1; number <= rowCount(table); number += 1) {
    const row = holder.appendChild(showRow(table, number, block));
    if (row.tagName === 'DETAILS') row.open = number === open;
  }
  holder.appendChild(make('button', {type: 'button', class: 'small', 'data-add': table.name, 'aria-label': table.title + '加一行', text: '加一行'}));
  return holder;
}

function redrawRows(name, open) {
  const old = byId('t-' + name);
  old.parentNode.replaceChild(showRows(tables.get(name), blockOf(old), open), old);
  refresh();
}

const blockOf = (element) => element.closest('.block').id.slice(2);

function addRow(name) {
  const table = tables.get(name);
  const number = rowCount(table) + 1;
  if (number > table.most) return warn(table.title + '最多 ' + table.most + ' 行');
  counts[name] = number;
  redrawRows(name, number);
  const first = byId('t-' + name).querySelectorAll('.row')[number - 1].querySelector('input, textarea, select');
  if (first) first.focus();
  return undefined;
}

// An element that is removed says what stands in it once more, under a name that may be another row's by then.
function leave() {
  if (document.activeElement) document.activeElement.blur();
}

function removeRow(name, number) {
  const table = tables.get(name);
  leave();
  if (isFilled(table, number) && !window.confirm('删去' + table.title + '第 ' + number + ' 行？其中填的内容会丢掉。')) return;
  const last = rowCount(table);
  const moved = {};
  Object.keys(fields).forEach((field) => {
    const found = field.startsWith(name + '.') ? /^([0-9]+)(\..+)$/.exec(field.slice(name.length + 1)) : null;
    const at = found ? Number(found[1]) : 0;
    if (at === number) return;
    moved[at > number ? name + '.' + (at - 1) + found[2] : field] = fields[field];
  });
  fields = moved;
  unfinished.clear();
  counts[name] = Math.max(last - 1, 0);
  redrawRows(name, 0);
  changed();
  byId('t-' + name).querySelector('[data-add]').focus();
}

// ── blocks of the page

function block(id, head, parts, check, paint) {
  const messages = make('ul', {class: 'messages', id: 'm-' + id, 'aria-live': 'polite'});
  const box = make('article', {class: 'block', id: 'b-' + id}, head.concat([messages], parts));
  blocks.push({id: id, box: box, messages: messages, check: check, paint: paint, said: ''});
  return box;
}

const noteOf = (item) => ({name: item.code + '.note', title: '备注', kind: 'text', most: form.longest});

function photoButton(of, title) {
  const id = 'photo-' + of;
  return make('span', {class: 'file'}, [
    make('input', {type: 'file', id: id, accept: 'image/*', multiple: true, 'data-photos': of}),
    make('label', {for: id, 'aria-label': '附照片 ' + title, text: '附照片'})]);
}

function beside(item) {
  return [make('div', {class: 'beside'}, [entry(noteOf(item), item.code), photoButton(item.code, item.code)]), make('ul', {class: 'photos', id: 'p-' + item.code})];
}

function showItem(item) {
  const table = item.table ? tables.get(item.table) : null;
  const body = [];
  if (item.grid) body.push(make('p', {}, ['结论取自 ', make('a', {href: '#b-' + item.grid, text: '《' + tables.get(item.grid).title + '》'}), '，请在表里逐行填写。']));
  if (item.question) body.push(control(Object.assign({}, item.question, {title: item.asked || '检查结果'}), item.code, true));
  else if (item.asked) body.push(make('p', {class: 'sub', text: item.asked}));
  if (table) body.push(showRows(table, item.code, 0));
  if (item.absent) body.push(make('div', {class: 'options', 'data-field': item.absent}, [option('checkbox', item.absent, '1', form.absent, item.code)]));
  if (item.details.length) body.push(make('div', {class: 'details grid'}, item.details.map((asked) => control(asked, item.code))));
  const tags = [make('span', {class: 'tag state'}), make('span', {class: 'code', text: item.code}), item.check + ' '];
  if (item.red) tags.push(make('span', {class: 'tag red', text: '红线'}));
  tags.push(make('span', {class: 'tag grade', text: item.grade}));
  return block(item.code, [
    make('h3', {}, tags),
    item.open ? make('p', {class: 'meta', text: '有该项业务的查；没有的在上面“业务范围”答否。'}) : null,
    item.only ? make('p', {class: 'meta off-text', hidden: true, text: '按填的业务范围，本项不查（合理缺项）。'}) : null,
    make('details', {class: 'meta'}, [make('summary', {text: '检查方法和取证', 'aria-label': item.code + ' 检查方法和取证'}), make('p', {text: item.method + (item.evidence ? '；取证：' + item.evidence : '') + '〔' + item.clauses + '〕'})])],
  [make('div', {class: 'body'}, body.concat(beside(item)))],
  () => checkItem(item), (found) => shape(item, found));
}

const isWide = () => window.matchMedia('(min-width: 1000px)').matches;

function fold(title, children) { // what is seldom filled in on a phone
  return make('details', {class: 'fold', open: isWide()}, [make('summary', {text: title})].concat(children));
}

function part(id, title, children) {
  return make('section', {class: 'part', id: id, 'aria-labelledby': id + '-title'}, [make('h2', {id: id + '-title'}, [title, make('span', {class: 'count'})])].concat(children));
}

function plainBlock(id, questions, more, check, shown) {
  const controls = questions.map((question) => control(question, id));
  const [first, rest] = [controls.slice(0, shown || controls.length), controls.slice(shown || controls.length)];
  const folded = rest.length ? fold('其余 ' + rest.length + ' 栏', [make('div', {class: 'grid'}, rest)]) : null;
  return block(id, [], [make('div', {class: 'grid'}, first), folded].concat(more || []), () => {
    const found = {errors: [], hints: [], todo: '', off: false, done: false};
    checkFields(questions, found);
    if (check) check(found);
    return found;
  });
}

function checkSite(found) {
  form.site.forEach((question) => {
    const known = form.start[question.name];
    if (known && !isGiven(question)) found.hints.push(question.title + '：清空后仍按原登记“' + known + '”');
  });
}

function checkScope(found) {
  form.scope.forEach((asked) => {
    if (asked.known === null && asked.assumed && fields[asked.name] === '是') found.hints.push('“' + asked.title + '”：这类单位另加的检查项目不在本表，请带上业务范围重新出表');
  });
}

function checkVisit(found) {
  const [start, end] = [fields['visit.start'], fields['visit.end']];
  if (minutes(end) <= minutes(start)) found.errors.push(['visit.end', '结束时间 ' + end + ' 不晚于开始时间 ' + start]);
  if (!fields['visit.date']) found.hints.push('没有填检查日期，读入时按 ' + form.start['visit.date'] + ' 计');
  form.people.forEach((table) => checkTable(table, found));
}

function visitBlock() {
  const people = form.people.map((table) => make('div', {}, [make('p', {class: 'sub', text: table.title}), showRows(table, 'visit', 0)]));
  const witness = fold('见证人（当事人拒绝签名或不到场时）', [make('div', {class: 'grid'}, form.witness.map((question) => control(question, 'visit')))]);
  return plainBlock('visit', form.visit, people.concat([witness]), (found) => {
    checkFields(form.witness, found);
    checkVisit(found);
  }, form.visit_first);
}

function others() {
  const table = {name: 'other', title: '其他问题', columns: [], key: [], begun: [], blank: 1, most: form.others};
  let number = Math.max(2, counts.other || 0);
  Object.keys(fields).forEach((name) => { number = name.startsWith('other.') ? Math.max(number, Number(name.slice(6))) : number; });
  counts.other = Math.min(number, table.most);
  const questions = [];
  for (let n = 1; n <= counts.other; n += 1) questions.push({name: 'other.' + n, title: '另查项目、其他问题 ' + n, kind: 'text', most: form.longest});
  return questions;
}

function otherBlock() {
  const questions = others();
  return plainBlock('other', questions, [
    counts.other < form.others ? make('button', {type: 'button', class: 'small', 'data-more': 'other', text: '再加一条'}) : null]);
}

function attributeBlock() {
  const known = form.scope.filter((asked) => asked.known !== null).map((asked) => asked.title + (asked.known ? '：有' : '：无'));
  const open = form.scope.filter((asked) => asked.known === null);
  return plainBlock('scope', open, [
    known.length ? make('p', {class: 'meta', text: '出表时已知：' + known.join('；')}) : null,
    make('p', {class: 'meta', text: '不清楚的不选；答“否”的业务，有关项目不再查。'})], checkScope);
}

function sharedTable(table) {
  return block(table.name, [make('p', {class: 'meta', text: table.note})], [
    showRows(table, table.name, 0),
    make('div', {class: 'beside'}, [make('span', {}), photoButton(table.name, table.title)]), make('ul', {class: 'photos', id: 'p-' + table.name})],
  () => {
    const found = {errors: [], hints: [], todo: '', off: false, done: false};
    checkTable(table, found);
    return found;
  });
}

function parts() {
  const found = [part('s-site', '单位', [plainBlock('site', form.site, [], checkSite, 1)])];
  if (form.scope.length) found.push(part('s-scope', '业务范围', [attributeBlock()]));
  found.push(part('s-visit', '检查', [visitBlock()]));
  if (form.earlier.length) found.push(part('s-earlier', '上次检查发现的问题', [make('ol', {class: 'block'}, form.earlier.map((text) => make('li', {text: text})))]));
  form.sections.forEach((section, n) => found.push(part('s-' + n, section.title, section.items.map(showItem))));
  form.tables.filter((table) => table.shared).forEach((table) => found.push(part('s-' + table.name, table.title, [sharedTable(table)])));
  found.push(part('s-other', '另查项目和其他问题', [otherBlock()]));
  found.push(part('s-end', '检查结束', [plainBlock('end', form.end, [
    make('div', {class: 'beside'}, [make('span', {class: 'meta', text: '门头、全景等不属于某一项的照片'}), photoButton(form.general, '不属于某一项的')]), make('ul', {class: 'photos', id: 'p-' + form.general})])]));
  return found;
}

function build() {
  blocks = [];
  unfinished.clear();
  const main = empty(byId('main'));
  const links = make('ul', {});
  parts().forEach((section) => {
    main.appendChild(section);
    links.appendChild(make('li', {}, [make('a', {href: '#' + section.id}, [make('span', {class: 'count'}), section.querySelector('h2').firstChild.textContent])]));
  });
  empty(byId('sections')).appendChild(make('details', {open: isWide()}, [make('summary', {text: '目录'}), links]));
  showPhotos();
  refresh();
  Array.from(main.querySelectorAll('textarea')).forEach(grow);
}

function grow(area) { // a text is seen whole, on paper too
  if (!area.scrollHeight) return;
  area.style.height = 'auto';
  area.style.height = (area.scrollHeight + 2) + 'px';
}
