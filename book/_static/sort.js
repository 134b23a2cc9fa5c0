/* Tables in a `sortable` block: click a heading (or press Enter on it) to sort by its column, again to turn it round. */
document.addEventListener("DOMContentLoaded", function () {
  var UNITS = { s: 1, min: 60, h: 3600, days: 86400 };

  function plain(raised) { // ¹⁴ as 14
    return "-0123456789"["⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(raised)];
  }

  function key(cell) {
    var text = cell.textContent.trim();
    var power = text.match(/^([\d.]+) × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/);
    if (power) return parseFloat(power[1]) * Math.pow(10, parseInt(power[2].replace(/./g, plain), 10));
    var timed = text.match(/^<?\s*([\d.,]+) (s|min|h|days)\b/);
    if (timed) return parseFloat(timed[1].replace(/,/g, "")) * UNITS[timed[2]];
    if (/^[\d.,]+( [KMG]B|%)?$/.test(text)) return parseFloat(text.replace(/,/g, ""));
    return text;
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number") return -1;
    if (typeof b === "number") return 1;
    return a.localeCompare(b, undefined, { numeric: true });
  }

  document.querySelectorAll(".sortable table").forEach(function (table) {
    table.querySelectorAll("thead th").forEach(function (head, column) {
      head.tabIndex = 0;
      head.setAttribute("role", "columnheader");
      function sort() {
        var down = head.getAttribute("aria-sort") === "ascending";
        var rows = Array.from(table.tBodies[0].rows);
        rows.sort(function (a, b) { return compare(key(a.cells[column]), key(b.cells[column])) * (down ? -1 : 1); });
        rows.forEach(function (row) { table.tBodies[0].appendChild(row); });
        table.querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
      }
      head.addEventListener("click", sort);
      head.addEventListener("keydown", function (event) { if (event.key === "Enter") sort(); });
    });
  });
});
