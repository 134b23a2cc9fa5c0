/* Paper is white: a page in dark colours is printed in light ones. */
(function () {
  var root = document.documentElement, chosen;
  window.addEventListener("beforeprint", function () { chosen = root.dataset.theme; root.dataset.theme = "light"; });
  window.addEventListener("afterprint", function () { root.dataset.theme = chosen; });
})();
