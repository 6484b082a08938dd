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
