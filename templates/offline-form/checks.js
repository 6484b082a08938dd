// ── what is wrong with what was typed: the bounds of the reading, no judgment

function numberOf(question, text) {
  let plain = text.normalize('NFKC').replace(/\s+/g, '');
  const unit = (question.unit || '').normalize('NFKC').replace(/\s+/g, '');
  if (unit && plain.endsWith(unit)) plain = plain.slice(0, -unit.length);
  return plain.length <= 20 && /^[-+]?[0-9]+(\.[0-9]+)?$/.test(plain) ? Number(plain) : NaN;
}

function isDay(text) {
  const plain = text.normalize('NFKC').replace(/\s+/g, '');
  const found = /^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$/.exec(plain) || /^([0-9]{4})([0-9]{2})([0-9]{2})$/.exec(plain);
  if (!found || Number(found[1]) < 1) return false;
  const day = new Date(2000, 0, 1);
  day.setFullYear(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  return day.getMonth() + 1 === Number(found[2]) && day.getDate() === Number(found[3]);
}

function bounds(question) {
  if (question.low === null) return '应不大于 ' + question.high;
  return question.high === null ? '应不小于 ' + question.low : '应在 ' + question.low + ' 到 ' + question.high + ' 之间';
}

function minutes(text) { // a browser without a picker of times leaves them as they were typed; NaN: none
  const found = /^([01]?[0-9]|2[0-3])[:时点]([0-5][0-9])分?$/.exec((text || '').normalize('NFKC').replace(/\s+/g, ''));
  return found ? Number(found[1]) * 60 + Number(found[2]) : NaN;
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
      return minutes(text) >= 0 ? '' : '应为时间，例如 09:05';
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
