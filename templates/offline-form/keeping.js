// ── kept in the browser

const two = (number) => String(number).padStart(2, '0');

function now() {
  const d = new Date();
  return d.getFullYear() + '-' + two(d.getMonth() + 1) + '-' + two(d.getDate()) + ' ' + two(d.getHours()) + ':' + two(d.getMinutes());
}

let timer = 0;

function changed(id) {
  unsaved = true;
  exportedAs = '';
  refresh(id);
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
    byId('saved').textContent = '已保存 ' + at.slice(11);
  } catch (error) {
    byId('saved').textContent = '没有保存';
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
  if (!data || data.kind !== 'chunfeng-form' || data.version !== 1 || !data.fields || typeof data.fields !== 'object' || !Array.isArray(data.photos)) return '这不是离线表单导出的答案';
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
  notice('已从“' + file.name + '”恢复 ' + data.saved + ' 导出的内容。');
  window.scrollTo(0, 0);
  return undefined;
}

async function replaceAll(newFields, newPhotos) {
  await Promise.all(photos.map(forget));
  leave();
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
  notice('已清空，可以填下一家。');
  window.scrollTo(0, 0);
}
