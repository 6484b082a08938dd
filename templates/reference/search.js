/* Looks for every word of the question in the texts of pages.js. Written for old browsers; no network. */
(function () {
  "use strict";
  var MOST = 100, AROUND = 24;
  var box = document.getElementById("found"), field = document.getElementById("q"), list = document.querySelector("nav");

  function plain(text) {
    return (text.normalize ? text.normalize("NFKC") : text).toLowerCase();
  }
  var titles = window.PAGES.map(function (page) { return plain(page[1]); });
  var texts = window.PAGES.map(function (page, i) { return titles[i] + "\n" + plain(page[2]); });

  function pairs(word) {
    var found = [];
    for (var i = 0; i + 1 < word.length; i++) { found.push(word.substr(i, 2)); }
    return found;
  }
  function exact(words) {
    return function (text, title) {
      var score = 0;
      for (var i = 0; i < words.length; i++) {
        if (text.indexOf(words[i]) < 0) { return 0; }
        score += title.indexOf(words[i]) < 0 ? 1 : 10;
      }
      return score;
    };
  }
  function near(words) {
    var all = [].concat.apply([], words.map(pairs));
    return function (text) {
      var hits = all.filter(function (pair) { return text.indexOf(pair) >= 0; }).length;
      return all.length > 1 && hits * 2 >= all.length ? hits : 0;
    };
  }
  function ranked(judge) {
    var found = [];
    texts.forEach(function (text, i) {
      var score = judge(text, titles[i]);
      if (score) { found.push([score, i]); }
    });
    return found.sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; });
  }
  function add(parent, tag, text) {
    var made = document.createElement(tag);
    made.textContent = text;
    parent.appendChild(made);
    return made;
  }
  function excerpt(parent, text, word) {
    var at = text.toLowerCase().indexOf(word);
    if (at < 0) { return; }
    var line = add(parent, "div", (at > AROUND ? "…" : "") + text.slice(Math.max(0, at - AROUND), at));
    add(line, "mark", text.slice(at, at + word.length));
    line.appendChild(document.createTextNode(text.slice(at + word.length, at + word.length + AROUND * 2) + "…"));
  }
  function search() {
    var words = plain(field.value).split(/\s+/).filter(function (word) { return word; });
    box.textContent = "";
    box.hidden = !words.length;
    list.hidden = !!words.length;
    if (!words.length) { return; }
    var found = ranked(exact(words)), close = !found.length;
    if (close) { found = ranked(near(words)); }
    add(box, "p", !found.length ? "没有找到" : (close ? "没有完全相符的，相近的 " : "找到 ") + found.length + " 处" + (found.length > MOST ? "，列出前 " + MOST + " 处" : ""));
    var all = add(box, "ul", "");
    found.slice(0, MOST).forEach(function (pair) {
      var page = window.PAGES[pair[1]], item = add(all, "li", ""), link = add(item, "a", page[1]);
      link.href = page[0];
      excerpt(item, page[2], words[0]);
    });
  }
  var asked = /[?&]q=([^&]*)/.exec(location.search);
  if (asked) { field.value = decodeURIComponent(asked[1].replace(/\+/g, " ")); }
  field.addEventListener("input", search);
  field.form.addEventListener("submit", function (event) { event.preventDefault(); search(); });
  search();
})();
