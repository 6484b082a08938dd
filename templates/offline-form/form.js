(function () {
  'use strict';
  // ES2017 and what browsers of 2018 have; text of people goes through textContent and value only.
  const byId = (id) => document.getElementById(id);
  const form = JSON.parse(byId('form').textContent);
  const KEY = 'chunfeng-form:' + form.checklist + ':' + form.digits;
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
      const clear = make('button', {type: 'button', class: 'small plain', 'data-clear': question.name, 'aria-label': '清除：' + question.title, text: '清除'});
      options.push(clear);
    }
    return make('fieldset', {class: 'choice', 'data-field': question.name}, [
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

  // ── what is wrong with what was typed: the bounds of the reading, no judgment

  function numberOf(question, text) {
    let plain = text.normalize('NFKC').replace(/\s+/g, '');
    const unit = (question.unit || '').normalize('NFKC').replace(/\s+/g, '');
    if (unit && plain.endsWith(unit)) plain = plain.slice(0, -unit.length);
    return plain.length <= 20 && /^[-+]?[0-9]+(\.[0-9]+)?$/.test(plain) ? Number(plain) : NaN;
  }

  function isDay(text) {
    const found = /^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$/.exec(text.normalize('NFKC').replace(/\s+/g, ''));
    if (!found || Number(found[1]) < 1) return false;
    const day = new Date(2000, 0, 1);
    day.setFullYear(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
    return day.getMonth() + 1 === Number(found[2]) && day.getDate() === Number(found[3]);
  }

  function bounds(question) {
    if (question.low === null) return '应不大于 ' + question.high;
    return question.high === null ? '应不小于 ' + question.low : '应在 ' + question.low + ' 到 ' + question.high + ' 之间';
  }

  const isWord = (text) => text === form.absent || text === '未查';

  function wrong(question) {
    if (unfinished.has(question.name)) return '日期、时间没有填完整';
    const value = fields[question.name];
    if (typeof value !== 'string' || !value.trim() || isWord(value.trim())) return '';
    const text = value.trim();
    const number = numberOf(question, text);
    const low = question.low !== null && number < question.low;
    const high = question.high !== null && number > question.high;
    switch (question.kind) {
      case 'number':
        if (isNaN(number)) return '应填数字（' + question.unit + '），现在是“' + text.slice(0, 20) + '”';
        return low || high ? text + ' 不合理，' + bounds(question) + '，请核对单位和小数点' : '';
      case 'count':
        return number >= 0 && Math.floor(number) === number ? '' : '应填不小于 0 的整数，现在是“' + text.slice(0, 20) + '”';
      case 'date':
        return isDay(text) ? '' : '不是存在的日期，要写到日，例如 2024-02-29';
      case 'time':
        return /^([01]?[0-9]|2[0-3]):[0-5][0-9]$/.test(text) ? '' : '应为时间，例如 09:05';
      case 'choice': case 'select': case 'choices':
        return '';
      default:
        return wrongText(text, question.most);
    }
  }

  function wrongText(text, most) {
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text)) return '含有不能使用的字符，请删去后重新输入';
    const length = Array.from(text).length; // a rare character counts once
    return length > most ? '太长（' + length + ' 字，上限 ' + most + ' 字）' : '';
  }

  function checkFields(questions, found) {
    questions.forEach((question) => {
      const text = wrong(question);
      if (text) found.errors.push([question.name, question.title + '：' + text]);
    });
  }

  // ── rows

  function rowCount(table) {
    let most = Math.max(table.begun.length + table.blank, counts[table.name] || 0);
    Object.keys(fields).forEach((name) => {
      const found = name.startsWith(table.name + '.') ? /^([0-9]+)\./.exec(name.slice(table.name.length + 1)) : null;
      if (found) most = Math.max(most, Number(found[1]));
    });
    return Math.min(most, table.most);
  }

  function column(table, number, asked) {
    const long = asked.kind === 'choice' && asked.options.length > 4;
    const name = table.name + '.' + number + '.' + asked.id;
    return Object.assign({}, asked, {name: name, kind: long ? 'select' : asked.kind, column: true});
  }

  function asks(table, number) {
    const begun = table.begun[number - 1] || {};
    return table.columns.filter((asked) => begun[asked.id] === undefined).map((asked) => column(table, number, asked));
  }

  const isFilled = (table, number) => asks(table, number).some(isGiven);

  function filledRows(table) {
    const found = [];
    for (let number = 1; number <= rowCount(table); number += 1) if (isFilled(table, number)) found.push(number);
    return found;
  }

  function keyText(table, number, id) {
    const begun = (table.begun[number - 1] || {})[id];
    const text = begun !== undefined ? begun : fields[table.name + '.' + number + '.' + id];
    return text === undefined ? '' : String(text).replace(/[０-９Ａ-Ｚａ-ｚ]/g, (c) => c.normalize('NFKC')).split(/\s+/).filter(Boolean).join(' ');
  }

  function checkTable(table, found) {
    const seen = new Map();
    filledRows(table).forEach((number) => {
      const inner = {errors: []};
      checkFields(asks(table, number), inner);
      table.key.forEach((id) => {
        if (!keyText(table, number, id)) {
          const title = table.columns.find((asked) => asked.id === id).title;
          inner.errors.push([table.name + '.' + number + '.' + id, '缺少“' + title + '”，不清楚的填 不明']);
        }
      });
      const key = table.key.map((id) => keyText(table, number, id));
      if (key.length && key.every(Boolean)) {
        const same = JSON.stringify(key);
        if (seen.has(same)) inner.errors.push([table.name + '.' + number + '.' + table.key[0], '与第 ' + seen.get(same) + ' 行重复（' + key.join('、') + '）']);
        else seen.set(same, number);
      }
      inner.errors.forEach((error) => found.errors.push([error[0], '第 ' + number + ' 行 ' + error[1]]));
      if (table.columns[2] && table.columns[2].id === 'reading' && !isGiven(asks(table, number)[2])) found.hints.push('第 ' + number + ' 行没有填读数');
    });
    const filled = filledRows(table).length;
    if (table.least && filled && filled < table.least) found.hints.push('只有 ' + filled + ' 行，要求不少于 ' + table.least + ' 行');
  }

  function showRow(table, number, block) {
    const begun = table.begun[number - 1];
    const parts = [];
    if (begun) {
      parts.push(make('div', {class: 'fixed'}, table.columns.filter((asked) => begun[asked.id] !== undefined).map((asked) => make('p', {}, [
        make('span', {class: 'name', text: asked.title}), begun[asked.id]]))));
    }
    asks(table, number).forEach((question) => parts.push(control(question, block)));
    if (!begun) {
      parts.push(make('div', {class: 'row-end wide'}, [make('button', {
        type: 'button', class: 'small', 'data-remove': number, 'data-table': table.name, 'aria-label': '删去' + table.title + '第 ' + number + ' 行', text: '删去这一行'})]));
    }
    const grid = make('div', {class: 'grid'}, parts);
    if (table.columns.length <= 8) return make('fieldset', {class: 'row'}, [make('legend', {text: '第 ' + number + ' 行'}), grid]);
    return make('details', {class: 'row', 'data-row': number}, [
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

  function removeRow(name, number) {
    const table = tables.get(name);
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

  // ── items: shown or not, answered or not, what contradicts itself

  function holds(tree) { // of the business of a site: true, false, or null where it is not known
    if (tree === null) return null;
    if (typeof tree === 'string') {
      const asked = form.scope.find((attribute) => attribute.id === tree);
      if (!asked) return null;
      if (asked.known !== null) return asked.known;
      const said = fields[asked.name];
      return said === '是' ? true : said === '否' || asked.assumed ? false : null;
    }
    const values = tree.slice(1).map(holds);
    if (tree[0] === 'not') return values[0] === null ? null : !values[0];
    const decisive = tree[0] === 'or';
    if (values.indexOf(decisive) >= 0) return decisive;
    return values.indexOf(null) >= 0 ? null : !decisive;
  }

  const isAbsent = (item) => (item.absent ? Boolean(fields[item.absent]) : fields[item.question.name] === form.absent);
  const givenDetails = (item) => item.details.filter(isGiven);

  function tableRows(item) {
    return item.table ? filledRows(tables.get(item.table)) : [];
  }

  function hasAnswer(item) {
    if (item.grid) return filledRows(tables.get(item.grid)).length > 0;
    if (!item.question) return tableRows(item).some((number) => fields[item.table + '.' + number + '.reading'] !== undefined);
    if (!isGiven(item.question)) return false;
    return !item.table || !saysFound(item) || tableRows(item).length > 0;
  }

  const saysFound = (item) => fields[item.question.name] === item.question.options[1];

  function numberIn(questions, name) {
    const question = questions.find((each) => each && each.name === name);
    const text = question && fields[name];
    return typeof text === 'string' ? numberOf(question, text) : NaN;
  }

  function checkOrder(item, found) {
    const all = item.details.concat(item.question ? [item.question] : []);
    const detail = (id) => item.code + '.detail.' + id;
    const pairs = [];
    if (item.sample) {
      const drawn = isGiven({name: detail('drawn')});
      pairs.push([item.question.name, drawn ? detail('drawn') : detail('population')]);
      if (drawn) pairs.push([detail('drawn'), detail('population')]);
      item.details.forEach((asked) => {
        const apart = asked.kind === 'count' && asked.unit === item.question.unit && !/\.(population|drawn)$/.test(asked.name);
        if (apart) pairs.push([asked.name, detail('drawn')]);
      });
    }
    item.details.forEach((asked) => {
      if (asked.name.endsWith('_low')) pairs.push([asked.name, asked.name.slice(0, -4) + '_high']);
    });
    pairs.forEach((pair) => {
      const [number, most] = pair.map((name) => numberIn(all, name));
      if (!(number > most)) return;
      const [first, second] = pair.map((name) => all.find((asked) => asked.name === name).title);
      found.errors.push([pair[0], '“' + first + '”' + number + ' 大于“' + second + '”' + most]);
    });
    const drawn = numberIn(all, detail('drawn'));
    const total = numberIn(all, detail('population'));
    const wanted = total >= 0 ? Math.min(item.least, total) : item.least;
    if (item.least && drawn < wanted) found.hints.push('抽查 ' + drawn + ' ' + item.question.unit + '，少于要求的 ' + wanted + ' ' + item.question.unit);
  }

  function checkContradictions(item, found) {
    const rows = tableRows(item);
    const titles = givenDetails(item).map((asked) => asked.title).join('、');
    if (isAbsent(item)) {
      if (titles) found.errors.push([item.absent || item.question.name, '答了“不适用”，又填了：' + titles]);
      if (rows.length || (item.absent && !item.grid && item.question && isGiven(item.question))) found.errors.push([item.absent || item.question.name, '答了“不适用”，又填了答案']);
      return;
    }
    if (item.question && item.table && isGiven(item.question)) {
      if (saysFound(item) && !rows.length) found.errors.push([item.question.name, '答了“发现”，表里还没有一行；没有发现就选“未发现”']);
      if (!saysFound(item) && rows.length) found.errors.push([item.question.name, '答了“' + fields[item.question.name] + '”，表里又有 ' + rows.length + ' 行']);
    }
    const faults = item.details.filter((asked) => asked.faults).reduce((all, asked) => all.concat(ticked(asked)), []);
    if (faults.length && fields[item.question.name] === '是') found.errors.push([item.question.name, '答了“是”，又勾了：' + faults.join('、')]);
  }

  function checkItem(item) {
    const found = {errors: [], hints: [], todo: '', off: holds(item.only) === false, done: false};
    const own = givenDetails(item).length || tableRows(item).length || isAbsent(item) || (item.question && isGiven(item.question)) || fields[item.code + '.note'];
    if (found.off) {
      if (own) found.errors.push([item.code + '.note', '按填的业务范围本项不查，这里又填了内容：请清空，或改正业务范围']);
      return found;
    }
    checkContradictions(item, found);
    checkFields((item.question ? [item.question] : []).concat(item.details, [noteOf(item)]), found);
    if (item.table) checkTable(tables.get(item.table), found);
    checkOrder(item, found);
    found.done = isAbsent(item) || hasAnswer(item);
    const left = item.details.filter((asked) => !isGiven(asked) && !asked.faults && asked.title.indexOf('不填') < 0);
    if (found.done && !isAbsent(item) && left.length) found.todo = '还没填：' + left.map((asked) => asked.title).join('、');
    return found;
  }

  function shape(item, found) { // what need not be seen now is hidden, unless something stands in it
    const box = byId('b-' + item.code);
    const absent = isAbsent(item);
    box.querySelector('.body').hidden = found.off && !found.errors.length;
    item.details.forEach((asked) => {
      const hidden = !isGiven(asked) && (absent || (asked.faults && fields[item.question.name] !== '否'));
      box.querySelector('[data-field="' + asked.name + '"]').hidden = hidden;
    });
    const details = box.querySelector('.details');
    if (details) details.hidden = item.details.every((asked) => box.querySelector('[data-field="' + asked.name + '"]').hidden);
    if (item.table) byId('t-' + item.table).hidden = !tableRows(item).length && (item.question ? !saysFound(item) : absent);
    const offText = box.querySelector('.off-text');
    if (offText) offText.hidden = !found.off;
  }

  // ── blocks of the page

  function block(id, parts, check, paint) {
    const messages = make('ul', {class: 'messages', id: 'm-' + id, 'aria-live': 'polite'});
    const box = make('article', {class: 'block', id: 'b-' + id}, parts.concat([messages]));
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
    if (item.absent) body.push(make('div', {class: 'options'}, [option('checkbox', item.absent, '1', form.absent, item.code)]));
    if (item.details.length) body.push(make('div', {class: 'details grid'}, item.details.map((asked) => control(asked, item.code))));
    const tags = [make('span', {class: 'tag state'}), make('span', {class: 'code', text: item.code}), item.check + ' '];
    if (item.red) tags.push(make('span', {class: 'tag red', text: '红线'}));
    tags.push(make('span', {class: 'tag grade', text: item.grade}));
    return block(item.code, [
      make('h3', {}, tags),
      item.open ? make('p', {class: 'meta', text: '有该项业务的查；没有的在上面“业务范围”答否。'}) : null,
      item.only ? make('p', {class: 'meta off-text', hidden: true, text: '按填的业务范围，本项不查（合理缺项）。'}) : null,
      make('details', {class: 'meta'}, [make('summary', {text: '检查方法和取证', 'aria-label': item.code + ' 检查方法和取证'}), make('p', {text: item.method + (item.evidence ? '；取证：' + item.evidence : '') + '〔' + item.clauses + '〕'})]),
      make('div', {class: 'body'}, body.concat(beside(item)))],
    () => checkItem(item), (found) => shape(item, found));
  }

  function part(id, title, children) {
    return make('section', {class: 'part', id: id, 'aria-labelledby': id + '-title'}, [make('h2', {id: id + '-title'}, [title, make('span', {class: 'count'})])].concat(children));
  }

  function plainBlock(id, questions, more, check) {
    return block(id, [make('div', {class: 'grid'}, questions.map((question) => control(question, id)))].concat(more || []), () => {
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
    if (start && end && end <= start) found.errors.push(['visit.end', '结束时间 ' + end + ' 不晚于开始时间 ' + start]);
    if (!fields['visit.date']) found.hints.push('没有填检查日期，读入时按 ' + form.start['visit.date'] + ' 计');
    form.people.forEach((table) => checkTable(table, found));
  }

  function visitBlock() {
    const people = form.people.map((table) => make('div', {}, [make('p', {class: 'sub', text: table.title}), showRows(table, 'visit', 0)]));
    const witness = [make('p', {class: 'sub', text: '见证人（当事人拒绝签名或不到场时）'}), make('div', {class: 'grid'}, form.witness.map((question) => control(question, 'visit')))];
    return plainBlock('visit', form.visit, people.concat(witness), (found) => {
      checkFields(form.witness, found);
      checkVisit(found);
    });
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
    return block(table.name, [
      make('p', {class: 'meta', text: table.note}), showRows(table, table.name, 0),
      make('div', {class: 'beside'}, [make('span', {}), photoButton(table.name, table.title)]), make('ul', {class: 'photos', id: 'p-' + table.name})],
    () => {
      const found = {errors: [], hints: [], todo: '', off: false, done: false};
      checkTable(table, found);
      return found;
    });
  }

  function parts() {
    const found = [part('s-site', '单位', [plainBlock('site', form.site, [], checkSite)])];
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
    const wide = window.matchMedia('(min-width: 1000px)').matches;
    empty(byId('sections')).appendChild(make('details', {open: wide}, [make('summary', {text: '目录'}), links]));
    showPhotos();
    refresh();
    Array.from(main.querySelectorAll('textarea')).forEach(grow);
  }

  function grow(area) { // a text is seen whole, on paper too
    if (!area.scrollHeight) return;
    area.style.height = 'auto';
    area.style.height = (area.scrollHeight + 2) + 'px';
  }

  // ── what is unanswered and what is wrong, after every change

  function refresh() {
    blocks.forEach((each) => {
      const found = each.check();
      if (each.paint) each.paint(found);
      each.found = found;
      show(each, found);
    });
    form.tables.forEach((table) => Array.from(byId('t-' + table.name).querySelectorAll('[data-row]')).forEach((row) => {
      row.querySelector('.digest').textContent = digest(table, Number(row.getAttribute('data-row')));
    }));
    Array.from(document.querySelectorAll('[data-clear]')).forEach((button) => {
      button.style.visibility = fields[button.getAttribute('data-clear')] === undefined ? 'hidden' : 'visible';
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
    Array.from(each.box.querySelectorAll('[aria-invalid]')).forEach((element) => element.removeAttribute('aria-invalid'));
    found.errors.forEach((error) => {
      const holder = each.box.querySelector('[data-field="' + error[0] + '"]');
      const inputs = holder ? Array.from(holder.querySelectorAll('input[type=text], input[type=date], input[type=time], textarea, select')) : [];
      inputs.forEach((input) => input.setAttribute('aria-invalid', 'true'));
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
    const bad = target.box.querySelector('[aria-invalid=true]');
    const row = bad && bad.closest('details');
    if (row) row.open = true;
    target.box.scrollIntoView();
    const first = bad || target.box.querySelector('.body input, .body textarea') || target.box.querySelector('input, textarea');
    if (first) first.focus({preventScroll: true});
  }

  const isOpenItem = (each) => items.some((item) => item.code === each.id) && !each.found.done && !each.found.off;

  // ── kept in the browser

  const two = (number) => String(number).padStart(2, '0');

  function now() {
    const d = new Date();
    return d.getFullYear() + '-' + two(d.getMonth() + 1) + '-' + two(d.getDate()) + ' ' + two(d.getHours()) + ':' + two(d.getMinutes());
  }

  let timer = 0;

  function changed() {
    unsaved = true;
    exportedAs = '';
    refresh();
    window.clearTimeout(timer);
    timer = window.setTimeout(save, 300);
  }

  function save() {
    window.clearTimeout(timer);
    if (!unsaved) return;
    const at = now();
    try {
      window.localStorage.setItem(KEY, JSON.stringify({fields: fields, saved: at}));
      unsaved = false;
      byId('saved').textContent = at + ' 已存在这台设备的浏览器里。' + (exportedAs ? '' : '填完请导出答案。');
    } catch (error) {
      byId('saved').textContent = '没有自动保存。';
      warn('浏览器不让保存（' + (/quota/i.test(error.name) ? '空间已满' : '无痕窗口或被设置禁止') + '）：关掉页面内容就会丢失，请随时“导出答案”，下次“从文件恢复”。');
    }
  }

  function saved() {
    try {
      return JSON.parse(window.localStorage.getItem(KEY) || 'null');
    } catch (error) {
      warn('浏览器不让保存：关掉页面内容就会丢失，请随时“导出答案”，下次“从文件恢复”。');
      return null;
    }
  }

  function openStore() {
    return new Promise((resolve) => {
      try {
        const request = window.indexedDB.open('chunfeng-form', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('photos', {keyPath: 'id'});
        request.onsuccess = () => resolve(request.result);
        request.onerror = request.onblocked = () => resolve(null);
      } catch (error) {
        resolve(null);
      }
    });
  }

  function inStore(mode, work) { // resolves to what work() asked for; null where there is no database or it is full
    return new Promise((resolve) => {
      if (!store) return resolve(null);
      try {
        const transaction = store.transaction('photos', mode);
        const request = work(transaction.objectStore('photos'));
        transaction.oncomplete = () => resolve(request ? request.result || true : true);
        transaction.onerror = transaction.onabort = () => resolve(null);
      } catch (error) {
        resolve(null);
      }
      return undefined;
    });
  }

  async function keepPhoto(photo) {
    const record = Object.assign({id: KEY + '/' + photo.name, form: KEY, order: photos.indexOf(photo)}, photo);
    if (!await inStore('readwrite', (photosKept) => photosKept.put(record))) warn('照片没有存进浏览器（不支持或空间已满）：关掉页面照片会丢失，请马上“导出答案”。');
  }

  const forget = (photo) => inStore('readwrite', (kept) => kept.delete(KEY + '/' + photo.name));

  async function keptPhotos() {
    const all = await inStore('readonly', (kept) => kept.getAll());
    const own = (Array.isArray(all) ? all : []).filter((photo) => photo.form === KEY).sort((a, b) => a.order - b.order);
    return own.map((photo) => ({name: photo.name, item: photo.item, sha256: photo.sha256, type: photo.type, data: photo.data}));
  }

  // ── photographs

  // crypto.subtle is missing on file:// in older browsers.
  function sha256(bytes) {
    const primes = [];
    for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
    const fraction = (x) => Math.floor((x - Math.floor(x)) * 4294967296) | 0;
    const k = primes.map((p) => fraction(Math.cbrt(p)));
    const h = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
    const size = bytes.length;
    const padded = new Uint8Array((((size + 8) >> 6) + 1) << 6);
    padded.set(bytes);
    padded[size] = 128;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(size / 536870912));
    view.setUint32(padded.length - 4, (size << 3) >>> 0);
    const w = new Int32Array(64);
    const turn = (x, n) => (x >>> n) | (x << (32 - n));
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + 4 * i);
      for (let i = 16; i < 64; i += 1) {
        const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
        const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
      }
      let [a, b, c, d, e, f, g, z] = h;
      for (let i = 0; i < 64; i += 1) {
        const t1 = (z + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
        const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        z = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      [a, b, c, d, e, f, g, z].forEach((value, i) => { h[i] = (h[i] + value) | 0; });
    }
    return h.map((word) => ('00000000' + (word >>> 0).toString(16)).slice(-8)).join('');
  }

  function bytesOf(base64) {
    const text = window.atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  function readFile(file, how) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader[how](file);
    });
  }

  function openPicture(file) {
    return new Promise((resolve, reject) => {
      const picture = new Image();
      const address = URL.createObjectURL(file);
      const end = (done) => () => { URL.revokeObjectURL(address); done(picture); };
      picture.onload = end(resolve);
      picture.onerror = end(reject);
      picture.src = address;
    });
  }

  function shrink(picture) {
    const [width, height] = [picture.naturalWidth, picture.naturalHeight];
    const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
    const canvas = make('canvas', {width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale))});
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff'; // where a screenshot is transparent
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/jpeg', 0.82).split(',')[1];
  }

  const heldBytes = () => photos.reduce((sum, photo) => sum + photo.data.length, 0);

  async function addPhoto(item, file) {
    let picture;
    try {
      picture = await openPicture(file);
    } catch (error) {
      return warn('“' + file.name + '”不是这个浏览器能打开的照片，请另存为 JPEG 再附。');
    }
    const data = shrink(picture);
    const digest = sha256(bytesOf(data));
    const same = photos.find((photo) => photo.sha256 === digest);
    if (same) return warn('“' + file.name + '”已经附上了（' + same.name + '）。');
    if (heldBytes() + data.length > form.bytes - 2000000) return warn('照片太多，超过一个文件能装下的 ' + Math.floor(form.bytes / 1048576) + ' MB；“' + file.name + '”没有附上，请另行保存。');
    let number = 1;
    const taken = photos.filter((photo) => photo.item === item).map((photo) => Number(photo.name.slice(item.length + 1).split('-')[0]));
    while (taken.indexOf(number) >= 0) number += 1;
    const photo = {name: item + '-' + number + '-' + digest.slice(0, 8) + '.jpg', item: item, sha256: digest, type: 'image/jpeg', data: data};
    photos.push(photo);
    showPhotos();
    changed();
    return keepPhoto(photo);
  }

  async function addPhotos(input) {
    const [item, files] = [input.getAttribute('data-photos'), Array.from(input.files)];
    input.value = ''; // so that the same file can be chosen again
    warn('');
    busy += 1;
    for (const file of files) await addPhoto(item, file);
    busy -= 1;
  }

  function showPhotos() {
    Array.from(document.querySelectorAll('.photos')).forEach(empty);
    photos.forEach((photo) => {
      const remove = make('button', {type: 'button', class: 'small plain', 'data-drop': photo.name, 'aria-label': '删去照片 ' + photo.name, text: '删去'});
      byId('p-' + photo.item).appendChild(make('li', {}, [make('img', {src: 'data:image/jpeg;base64,' + photo.data, alt: '照片 ' + photo.name}), photo.name, remove]));
    });
  }

  function dropPhoto(name) {
    const photo = photos.find((each) => each.name === name);
    if (!window.confirm('删去照片 ' + name + '？')) return;
    photos = photos.filter((each) => each !== photo);
    forget(photo);
    showPhotos();
    changed();
  }

  // ── out and in

  function exported() {
    const ordered = {};
    Object.keys(fields).sort().forEach((name) => { ordered[name] = fields[name]; });
    return JSON.stringify({kind: 'chunfeng-form', version: 1, head: form.head, fields: ordered, photos: photos, saved: now()});
  }

  function download() {
    if (busy) return warn('照片还在处理，请过几秒再导出。');
    const text = exported();
    const site = (fields['site.name'] || form.checklist).replace(/[^0-9A-Za-z\u3400-\u9fff（）-]+/g, '').slice(0, 40);
    const name = '答案-' + (site || form.checklist) + '-' + (fields['visit.date'] || form.start['visit.date']) + '.json';
    const address = URL.createObjectURL(new Blob([text], {type: 'application/json'}));
    const link = document.body.appendChild(make('a', {href: address, download: name, hidden: true}));
    link.click();
    document.body.removeChild(link);
    window.setTimeout(() => URL.revokeObjectURL(address), 60000);
    exportedAs = name;
    const bad = blocks.filter((each) => each.found.errors.length).length;
    byId('exported').textContent = '已导出 ' + name + '，一般在“下载”里。' + (photos.length ? '含照片 ' + photos.length + ' 张。' : '') + (bad ? '还有 ' + bad + ' 处要改正，读入时会被退回。' : '');
    byId('export-text').value = text.length < 2000000 ? text : '内容太长（照片太多），请换浏览器导出。';
    byId('by-hand').hidden = false;
    byId('end').scrollIntoView();
    return undefined;
  }

  function readExport(text) { // what the file holds, or why it is refused
    let data;
    try {
      data = JSON.parse(text.replace(/^\ufeff/, ''));
    } catch (error) {
      return '文件不是完整的 JSON';
    }
    if (!data || data.kind !== 'chunfeng-form' || data.version !== 1 || typeof data.fields !== 'object' || !Array.isArray(data.photos)) return '这不是离线表单导出的答案';
    if (data.head !== form.head) return '这是另一张检查表（单位、日期或规则版本不同）的答案';
    const places = items.map((item) => item.code).concat(form.tables.filter((table) => table.shared).map((table) => table.name), [form.general]);
    const damaged = data.photos.filter((photo) => {
      try {
        return places.indexOf(photo.item) < 0 || sha256(bytesOf(photo.data)) !== photo.sha256;
      } catch (error) {
        return true;
      }
    });
    return damaged.length ? '照片已损坏：' + damaged.map((photo) => photo.name).join('、') : data;
  }

  const hasContent = () => photos.length > 0 || JSON.stringify(fields) !== JSON.stringify(form.start);

  async function restore(file) {
    const data = readExport(await readFile(file, 'readAsText'));
    if (typeof data === 'string') return warn('没有恢复“' + file.name + '”：' + data + '。现在填的内容没有改动。');
    if (hasContent() && !window.confirm('用“' + file.name + '”（' + data.saved + ' 导出）替换现在填的全部内容？')) return undefined;
    await replaceAll(data.fields, data.photos);
    warn('');
    byId('saved').textContent = '已从“' + file.name + '”恢复 ' + data.saved + ' 导出的内容。';
    return undefined;
  }

  async function replaceAll(newFields, newPhotos) {
    await Promise.all(photos.map(forget));
    fields = {};
    Object.keys(newFields).forEach((name) => { // nothing but texts and ticks comes in
      if (typeof newFields[name] === 'string' || newFields[name] === true) fields[name] = newFields[name];
    });
    photos = newPhotos.slice();
    counts = {};
    await Promise.all(photos.map(keepPhoto));
    build();
    changed();
    save();
  }

  async function clear() {
    if (hasContent() && !window.confirm((exportedAs ? '' : '还没有导出！') + '清空全部内容和照片，从头填写？')) return;
    await replaceAll(form.start, []);
    warn('');
    byId('exported').textContent = '';
    byId('by-hand').hidden = true;
    byId('saved').textContent = '已清空。';
    window.scrollTo(0, 0);
  }

  // ── what people do

  function onInput(event) {
    const input = event.target;
    if (!input.name || input.type === 'file') return;
    const before = fields[input.name];
    if (input.validity && input.validity.badInput) unfinished.add(input.name);
    else unfinished.delete(input.name);
    if (input.type === 'radio') fields[input.name] = input.value;
    else if (input.type === 'checkbox') { if (input.checked) fields[input.name] = true; else delete fields[input.name]; }
    else if (input.value === '') delete fields[input.name];
    else fields[input.name] = input.value;
    if (input.tagName === 'TEXTAREA') grow(input);
    if (fields[input.name] !== before) changed();
    else refresh();
  }

  function clearChoice(name) {
    delete fields[name];
    const radios = Array.from(document.getElementsByName(name));
    radios.forEach((radio) => { radio.checked = false; });
    changed();
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
    Array.from(document.querySelectorAll('main details.row')).forEach((row) => { row.open = true; });
    Array.from(document.querySelectorAll('main textarea')).forEach(grow);
  }

  function listen() {
    const main = byId('main');
    ['input', 'change', 'focusout'].forEach((kind) => main.addEventListener(kind, onInput));
    main.addEventListener('change', (event) => { if (event.target.getAttribute('data-photos')) addPhotos(event.target); });
    main.addEventListener('click', onClick);
    main.addEventListener('toggle', (event) => Array.from(event.target.querySelectorAll('textarea')).forEach(grow), true);
    byId('next-open').addEventListener('click', () => jump(isOpenItem));
    byId('next-wrong').addEventListener('click', () => jump((each) => each.found.errors.length));
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
    const kept = saved();
    fields = Object.assign({}, kept ? kept.fields : form.start);
    store = await openStore();
    photos = await keptPhotos();
    listen();
    build();
    ['bar', 'sections', 'end'].forEach((id) => { byId(id).hidden = false; });
    byId('opening').hidden = true;
    Array.from(document.querySelectorAll('main textarea')).forEach(grow);
    byId('saved').textContent = kept ? '已恢复 ' + kept.saved + ' 存下的内容，接着填即可。' : '还没有填写。';
  }

  start();
})();
