/* Cards of claims: a form above them filters by paper, chapter, scale and verdict. Without scripts the cards are a plain
   list that unfolds. An address with ?paper=Q&scale=largest&verdict=not%20run sets the form; `largest` is a claim's largest
   scale that has a verdict, by which the tally counts. An address with #claim-M17 unfolds that card. */
document.addEventListener("DOMContentLoaded", function () {
  var list = document.querySelector(".softlabels-claims.several");
  if (!list) return;
  var cards = Array.from(list.querySelectorAll("li.claim"));
  var asked = new URLSearchParams(window.location.search);
  var SCALES = ["largest", "paper", "reduced", "quick"];

  function outcomes(card, scale) { // at one scale, or at all of them
    var at = scale ? [scale] : SCALES;
    return at.map(function (name) { return card.getAttribute("data-at-" + name); }).filter(Boolean);
  }

  function shows(card, chosen) {
    if (chosen.paper && card.dataset.paper !== chosen.paper) return false;
    if (chosen.chapter && card.dataset.chapter !== chosen.chapter) return false;
    var said = outcomes(card, chosen.scale);
    return chosen.verdict ? said.indexOf(chosen.verdict) >= 0 : said.length > 0;
  }

  function choices(of) { // in the order of the cards
    var found = [];
    cards.forEach(function (card) { of(card).forEach(function (name) { if (found.indexOf(name) < 0) found.push(name); }); });
    return found;
  }

  var form = document.createElement("form");
  form.className = "claim-filters";
  form.setAttribute("aria-label", "Filter the claims");
  var selects = {};
  [
    ["paper", "Paper", choices(function (card) { return [card.dataset.paper]; })],
    ["chapter", "Chapter", choices(function (card) { return [card.dataset.chapter]; })],
    ["scale", "Scale", SCALES],
    ["verdict", "Verdict", choices(function (card) { return outcomes(card, ""); })],
  ].forEach(function (about) {
    var label = document.createElement("label"), select = document.createElement("select");
    select.name = about[0];
    [""].concat(about[2]).forEach(function (value) { select.add(new Option(value || "all", value)); });
    if (about[2].indexOf(asked.get(about[0])) >= 0) select.value = asked.get(about[0]);
    label.append(about[1] + " ", select);
    form.append(label);
    selects[about[0]] = select;
  });
  var count = document.createElement("output"), all = document.createElement("button");
  all.type = "reset";
  all.textContent = "Show all";
  form.append(all, count);

  function filter() {
    var chosen = {}, shown = 0;
    Object.keys(selects).forEach(function (name) { chosen[name] = selects[name].value; });
    cards.forEach(function (card) {
      card.hidden = !shows(card, chosen);
      shown += card.hidden ? 0 : 1;
    });
    list.querySelectorAll("section").forEach(function (chapter) {
      chapter.hidden = !chapter.querySelector("li.claim:not([hidden])");
    });
    count.textContent = shown + " of " + cards.length + " claims";
  }

  function unfold() {
    var card = cards.find(function (card) { return "#" + card.id === window.location.hash; });
    if (!card) return;
    card.querySelector("details").open = true;
    card.scrollIntoView();
  }

  window.addEventListener("hashchange", unfold);
  form.addEventListener("change", filter);
  form.addEventListener("reset", function () {
    Object.keys(selects).forEach(function (name) { selects[name].value = ""; });
    setTimeout(filter); // after the form has been reset
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  list.insertBefore(form, list.firstChild);
  filter();
  unfold();
});
