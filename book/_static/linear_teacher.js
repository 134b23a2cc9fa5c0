/* A linear teacher to play with, in place of what <div class="linear-teacher" data-size="large"> holds; "small" has one
   slider. No library, no network. Letters: d inputs, n labels that the teacher memorises, m of them the student's. */
(function () {
  // ---- The arithmetic needs no page; tests/book/test_linear_teacher.py holds it equal to the Python code.
  // What takes long is a generator that yields between steps, so that the page can answer in between.
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const soften = (logits, tau) => logits.map((z) => sigmoid(z / tau)); // probabilities of class 1
  const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;
  const dot = (a, b) => { let total = 0; for (let j = 0; j < a.length; j++) total += a[j] * b[j]; return total; };
  const norm = (v) => Math.sqrt(dot(v, v));
  const logitsOf = (x, w) => x.map((row) => dot(row, w));
  const accuracy = ({ x, y }, w, from) => // on the rows `from` … n
    mean(logitsOf(x.slice(from), w).map((z, i) => z > 0 === (y[from + i] === 1)));

  function random(seed) { // uniform in 0 … 1; this generator is called mulberry32
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  function draw(n, d, seed) { // normal inputs; they are exchangeable, so classes 0, 1, 0, 1 … are as random as any
    const uniform = random(Math.imul(seed, 7919) ^ Math.imul(d, 104729));
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const x = Array.from({ length: n }, () => Array.from({ length: d }, normal));
    return { x, y: x.map((_, i) => i % 2) };
  }

  function gradient(x, q, w, into) { // of the mean cross-entropy: fills `into` (d,), returns each row's error
    into.fill(0);
    return x.map((row, i) => {
      const error = (sigmoid(dot(row, w)) - q[i]) / x.length;
      for (let j = 0; j < row.length; j++) into[j] += error * row[j];
      return error;
    });
  }

  function* adam(x, q, lr, steps) { // full batch, from zero, with PyTorch's defaults
    const [w, g, first, second] = [0, 0, 0, 0].map(() => new Float64Array(x[0].length));
    for (let step = 1; step <= steps; step++) {
      gradient(x, q, w, g);
      const size = lr / (1 - 0.9 ** step), root = Math.sqrt(1 - 0.999 ** step);
      for (let j = 0; j < w.length; j++) {
        first[j] = 0.9 * first[j] + 0.1 * g[j];
        second[j] = 0.999 * second[j] + 0.001 * g[j] * g[j];
        w[j] -= (size * first[j]) / (Math.sqrt(second[j]) / root + 1e-8);
      }
      if (step % 20 === 0) yield;
    }
    return w;
  }

  function solve(a, b) { // Gauss and Jordan's elimination with pivoting, in place
    for (let k = 0; k < b.length; k++) {
      let p = k;
      for (let i = k + 1; i < b.length; i++) if (Math.abs(a[i][k]) > Math.abs(a[p][k])) p = i;
      [a[k], a[p], b[k], b[p]] = [a[p], a[k], b[p], b[k]];
      for (let i = 0; i < b.length; i++) {
        const factor = i === k ? 0 : a[i][k] / a[k][k];
        if (factor) for (let j = k; j < b.length; j++) a[i][j] -= factor * a[k][j];
        b[i] -= factor * b[k];
      }
    }
    return b.map((value, k) => value / a[k][k]);
  }

  // As softlabels.training.newton: damped, with halved steps, from zero. A step is a sum of inputs; solving for their
  // shares, one for each label, keeps weights that no label says anything about at zero.
  function* newton(x, q) {
    const gram = x.map((row) => logitsOf(x, row)), [g, next] = [0, 0].map(() => new Float64Array(x[0].length));
    const lossOf = (z, p) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - p * z;
    const loss = (w) => mean(logitsOf(x, w).map((z, i) => lossOf(z, q[i])));
    let w = new Float64Array(g.length), errors = gradient(x, q, w, g);
    for (let step = 0; step < 500 && norm(g) >= 1e-15; step++) {
      const start = w, now = loss(w), damping = 1e-3 * norm(g);
      const curvature = soften(logitsOf(x, w), 1).map((p) => (p * (1 - p)) / x.length);
      const matrix = gram.map((row, i) => row.map((v, j) => curvature[i] * v + (i === j ? damping : 0)));
      const share = solve(matrix, errors);
      const direction = g.map((_, j) => dot(share, x.map((row) => row[j])));
      const moved = (size) => start.map((v, j) => v - size * direction[j]);
      let size = 1;
      while (size > 1e-12 && !(loss(moved(size)) < now)) size /= 2;
      if (size <= 1e-12) { // rounding hides every descent: the whole step is taken if it shrinks the gradient
        gradient(x, q, moved((size = 1)), next);
        if (!(norm(next) < norm(g))) break;
      }
      w = moved(size);
      errors = gradient(x, q, w, g);
      yield;
    }
    return w;
  }

  const taught = ({ x, y }) => adam(x, y, 1e-2, 2000); // the teacher
  function distilled({ x }, teacher, m, tau, steps) { // a student; steps of Adam, or 0 for Newton's method
    const part = x.slice(0, m), q = soften(logitsOf(part, teacher), tau);
    return steps ? adam(part, q, 1e-3, steps) : newton(part, q);
  }
  window.linearTeacher = { soften, draw, accuracy, adam, newton, taught, distilled };

  // ---- The page. Pictures are strings of SVG, coloured by book.css; whatever a reader does goes through `change`.
  const TAUS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20], STEPS = [0, 100, 1000, 10000]; // of Adam; 0 for Newton's method
  const DRAWS = 20, T_QUANTILE = 2.093; // data sets of a curve; the t distribution's 97.5 % point for so many
  const SLIDERS = { // label; least, greatest, step; the value in words
    rho: ["Student sees, <i>ρ</i>", 0.05, 0.95, 0.05, (s) => `${s.rho.toFixed(2)}, ${s.m} of ${s.n}`],
    alpha: ["Teacher’s task, <i>α</i>", 0.5, 3.5, 0.1, (s) => `${(s.n / s.d).toFixed(1)}, ${s.n} labels`],
    d: ["Weights, <i>d</i>", 2, 50, 1, (s) => `${s.d}`],
    tau: ["Labels’ temperature, <i>τ</i>", 0, TAUS.length - 1, 1, (s) => `${TAUS[s.tau]}`],
  };
  const FIRST = { d: 20, alpha: 1.5, rho: 0.4, tau: 5, steps: 0, seed: 217 }; // whose points in the plane lie apart
  const TRIES = { // buttons, and what each changes in FIRST; a small box has the first three
    "One label short": { rho: 0.65 }, "Enough labels": { rho: 0.7 }, "Move points in 2-D": { d: 2, alpha: 2 },
    "A teacher that fails": { alpha: 3, rho: 0.8 }, "Cold labels, Adam": { rho: 0.8, tau: 3, steps: 10000 },
    "Warm labels, Adam": { rho: 0.8, tau: 7, steps: 10000 },
  };
  const [WIDTH, HEIGHT, UNIT] = [300, 250, 46]; // pixels; UNIT is a length of 1 in the plane
  const [LEFT, RIGHT, TOP, BOTTOM, X0, Y0] = [42, 292, 18, 206, 167, 112]; // of axes; their middle
  const KEY = "<b class=seen>●■</b> seen <b class=unseen>○□</b> unseen <b>×</b> wrong";
  const LINES = " <b class=teacher>━</b> teacher <b class=unseen>┅</b> student <b>0.3</b> soft label of ■; drag points";
  const NOTE = "<b class=unseen>●</b> this draw <b class=unseen>━</b> mean of";
  const HANDLE = '<circle r="20" tabindex="0" role="button" aria-roledescription="point to move"/>';
  const percent = (share) => `${Math.round(100 * share)}\u00a0%`;
  const line = (kind, x1, y1, x2, y2) => `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
  const words = (x, y, text, anchor = "middle") => `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;
  const place = (a, b) => [WIDTH / 2 + UNIT * a, HEIGHT / 2 - UNIT * b];
  const inside = (v, least, most) => Math.max(least, Math.min(most, v));

  function mark([x, y], { one, seen, wrong }) { // a square for class 1; filled where the student saw the label
    const shape = one ? `M${x - 5},${y - 5}h10v10h-10z` : `M${x - 5.5},${y}a5.5,5.5 0 1 0 11,0a5.5,5.5 0 1 0 -11,0z`;
    return `<path class="${seen ? "seen" : "unseen"}" d="${shape}"/>` +
      (wrong ? `<path class="wrong" d="M${x - 8},${y - 8}l16,16m0,-16l-16,16"/>` : "");
  }

  function plane(points, teacher, student, tau) { // d = 2: the points, and where the logits of both networks are 0
    const far = ([a, b], along, over) => // a place off the picture: so far along the boundary, so far to the side of 1
      place((over * a - along * b) / Math.hypot(a, b), (over * b + along * a) / Math.hypot(a, b));
    const boundary = (kind, w) => line(kind, ...far(w, 9, 0), ...far(w, -9, 0));
    const half = [far(teacher, 9, 0), far(teacher, -9, 0), far(teacher, -9, 18), far(teacher, 9, 18)].join(" ");
    const label = ({ at: [a, b], z }) => words(...place(a + 0.2, b + 0.15), sigmoid(z / tau).toFixed(2), "start");
    return `<polygon class="half" points="${half}"/>` + line("axis", ...place(-9, 0), ...place(9, 0)) +
      line("axis", ...place(0, -9), ...place(0, 9)) + boundary("teacher", teacher) + boundary("student", student) +
      points.map((p) => mark(place(...p.at), p) + (p.seen ? label(p) : "")).join("");
  }

  function cloud(points) { // d > 2: the student's logits against the teacher's, kept inside the picture
    const unit = 1 / Math.max(...points.map((p) => Math.abs(p.z))) / 1.1;
    const at = ({ z, own }) => [X0 + unit * z * (RIGHT - X0), Y0 - inside(unit * own, -1, 1) * (Y0 - TOP)];
    return `<path class="differ" d="M${LEFT},${TOP}H${X0}V${BOTTOM}H${RIGHT}V${Y0}H${LEFT}z"/>` +
      line("axis", LEFT, Y0, RIGHT, Y0) + line("axis", X0, TOP, X0, BOTTOM) +
      line("teacher", LEFT, BOTTOM, RIGHT, TOP) + points.map((p) => mark(at(p), p)).join("") +
      words(LEFT + 6, TOP + 15, "they differ", "start") + words(RIGHT - 6, BOTTOM - 7, "they differ", "end") +
      words(X0, BOTTOM + 18, "teacher’s logit") +
      `<g transform="translate(32 ${Y0}) rotate(-90)">${words(0, 0, "student’s logit × τ")}</g>`;
  }

  function chart(s, { sizes, mean, spread, fits }, right) { // held-out accuracy against ρn/d
    const end = Math.max(1.2, s.n / s.d), late = end < 2, y = (share) => BOTTOM - share * (BOTTOM - TOP);
    const x = (m) => LEFT + (m / s.d / end) * (RIGHT - LEFT);
    const tick = (v) => line("axis", x(v * s.d), BOTTOM, x(v * s.d), BOTTOM + 4) + words(x(v * s.d), BOTTOM + 18, v);
    const through = (shares) => sizes.map((m, k) => `${x(m)},${y(inside(shares[k], 0, 1))}`);
    const edge = (sign) => through(mean.map((share, k) => share + sign * spread[k]));
    return line("axis", LEFT, BOTTOM, RIGHT, BOTTOM) + words(X0, BOTTOM + 36, "labels seen for each weight, ρn/d") +
      [0, 0.5, 1].map((share) => words(LEFT - 5, y(share) + 4, percent(share), "end")).join("") +
      [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5].filter((v) => v <= end).map(tick).join("") +
      line("guess", LEFT, y(0.5), RIGHT, y(0.5)) + words(RIGHT, y(0.5) + 15, "a guess", "end") +
      line("guess", x(s.d), TOP, x(s.d), BOTTOM) + line("teacher", LEFT, y(fits), RIGHT, y(fits)) +
      (spread ? `<polygon class="band" points="${[...edge(1), ...edge(-1).reverse()].join(" ")}"/>` : "") +
      (mean ? `<polyline class="mean" points="${through(mean).join(" ")}"/>` : "") +
      words(x(s.d) + (late ? -6 : 6), BOTTOM - 8, "one for each weight", late ? "end" : "start") +
      words(RIGHT, y(fits) - 6, "the teacher, all labels", "end") +
      `<circle class="now" cx="${x(s.m)}" cy="${y(right)}" r="7"/>`;
  }

  function mount(box, number) {
    const small = box.dataset.size === "small", names = small ? ["rho"] : [...Object.keys(SLIDERS), "steps"];
    const control = (name) => {
      const id = `linear-teacher-${number}-${name}`, [label, min, max, step] = SLIDERS[name] || ["Student’s training"];
      const option = (v) => `<option value="${v}">${v ? `Adam, ${v} steps` : "Newton’s method"}</option>`;
      const slider = `<input type="range" id="${id}" name="${name}" min="${min}" max="${max}" step="${step}">`;
      return `<div><label for="${id}">${label}</label><output for="${id}"></output>
        ${name in SLIDERS ? slider : `<select id="${id}" name="${name}">${STEPS.map(option).join("")}</select>`}</div>`;
    };
    const button = (name) => `<button type="button">${name}</button>`;
    const picture = (role, name) => `<div><b>${name}</b>
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="${role}" aria-label="${name}"><g></g><g></g></svg><p></p></div>`;
    box.innerHTML = `<div class="pictures">${picture("group", "The student and its teacher")}
        ${picture("img", "Right on labels it never saw")}</div>
      <p class="said" role="status" aria-live="polite"></p>
      <div class="controls">${names.map(control).join("")}<div>Random data ${button("New draw")}</div></div>
      <div class="tries">${Object.keys(TRIES).slice(0, small ? 3 : 6).map(button).join("")}</div>`;
    const [drawing, handles, graph] = box.querySelectorAll("g"), [key, note, said] = box.querySelectorAll("p");
    const s = { ...FIRST }, ratio = (m) => (m / s.d).toFixed(2);
    let data, made, teacher, student, right, curve = {}, timer, later, visible = false;

    function change(changes) {
      Object.assign(s, changes);
      s.n = Math.max(2, Math.round(s.alpha * s.d));
      s.m = inside(Math.floor(s.rho * s.n + 1e-9), 1, s.n - 1);
      for (const name of names) {
        const input = box.querySelector(`[name=${name}]`), value = SLIDERS[name] && SLIDERS[name][4](s);
        input.value = s[name];
        if (value) input.setAttribute("aria-valuetext", (input.previousElementSibling.textContent = value));
      }
      if (made !== (made = `${s.n} ${s.d} ${s.seed}`)) [data, teacher] = [draw(s.n, s.d, DRAWS * s.seed), null];
      const of = `${made} ${s.tau} ${s.steps}`, every = Math.ceil(s.n / 16); // some 16 sizes, d and d − 1 among them
      const sizes = data.y.map((_, i) => i).filter((m) => m && ((m - s.d) % every === 0 || m === s.d - 1));
      if (curve.of !== of) curve = { of, sizes, rows: [] };
      start();
    }

    function start() { // work in slices of 12 ms, and only while the box is in view
      clearTimeout(timer);
      said.dataset.state = "working";
      const job = work(), slice = () => {
        for (const until = performance.now() + 12; performance.now() < until; ) if (job.next().done) return;
        timer = setTimeout(slice);
      };
      if (visible) slice();
    }

    function* work() { // the student that is shown, then the curve, one data set after another
      teacher = teacher || (yield* taught(data));
      student = yield* distilled(data, teacher, s.m, TAUS[s.tau], s.steps);
      show();
      while (curve.rows.length < DRAWS) {
        const other = draw(s.n, s.d, DRAWS * s.seed + curve.rows.length), its = yield* taught(other), row = [];
        for (const m of [0, ...curve.sizes]) // row[0] is the teacher's
          row.push(accuracy(other, m ? yield* distilled(other, its, m, TAUS[s.tau], s.steps) : its, m));
        curve.rows.push(row);
        showCurve();
      }
    }

    function show() {
      const tau = TAUS[s.tau], own = logitsOf(data.x, student).map((v) => tau * v), flat = s.d === 2, rest = s.n - s.m;
      const about = (one, i) => ({ one, at: data.x[i], own: own[i], seen: i < s.m, wrong: own[i] > 0 !== (one === 1) });
      const points = logitsOf(data.x, teacher).map((z, i) => ({ z, ...about(data.y[i], i) }));
      key.innerHTML = KEY + (flat ? LINES : "");
      drawing.innerHTML = flat ? plane(points, teacher, student, tau) : cloud(points);
      if (handles.children.length !== flat * s.n) handles.innerHTML = HANDLE.repeat(flat * s.n);
      [...handles.children].forEach((handle, i) => {
        const { at, one, seen } = points[i], kind = `${one ? "Square" : "Circle"}, ${seen ? "label" : "never"} seen`;
        handle.setAttribute("aria-label", `${kind}, at ${at.map((v) => v.toFixed(1)).join(", ")}`);
        ["cx", "cy"].forEach((name, k) => handle.setAttribute(name, place(...at)[k]));
      });
      right = accuracy(data, student, s.m);
      showCurve();
      const [known, fitted] = [right * rest, accuracy(data, teacher, 0) * s.n].map(Math.round);
      const sentence = `The student saw ${s.m} of ${s.n} soft labels, ${ratio(s.m)} for each weight: it is right on ` +
        `${known} of the other ${rest}, and its teacher memorised ${fitted} of the ${s.n}.`;
      clearTimeout(later);
      later = setTimeout(() => ([said.textContent, said.dataset.state] = [sentence, "ready"]), 200); // as one pauses
    }

    function showCurve() {
      const k = curve.rows.length, columns = curve.sizes.map((_, j) => curve.rows.map((row) => row[j + 1]));
      const error = (values) => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)) / (k - 1)); // of the mean
      curve.fits = k ? mean(curve.rows.map((row) => row[0])) : accuracy(data, teacher, 0);
      curve.mean = k && columns.map(mean);
      curve.spread = k === DRAWS && columns.map((values) => T_QUANTILE * error(values));
      graph.innerHTML = chart(s, curve, right);
      const means = curve.sizes.map((m, j) => k && `${percent(curve.mean[j])} at ${ratio(m)}`).join(", ");
      const about = `Right on labels it never saw: ${percent(right)} at ρn/d = ${ratio(s.m)}; mean of ${k} draws:`;
      graph.parentNode.setAttribute("aria-label", `${about} ${means}`);
      note.innerHTML = `${NOTE} ${k}${k < DRAWS ? " so far" : ", 95\u00a0% band"}`;
    }

    function move(handle, at) {
      data.x[[...handles.children].indexOf(handle)] = [inside(at[0], -3, 3), inside(at[1], -2.5, 2.5)];
      teacher = null;
      start();
    }

    box.addEventListener("input", ({ target }) => change({ [target.name]: Number(target.value) }));
    box.addEventListener("click", ({ target: { localName, textContent } }) => {
      if (localName !== "button") return;
      change(TRIES[textContent] ? { ...FIRST, seed: s.seed, ...TRIES[textContent] } : { seed: s.seed + 1 });
    });
    handles.addEventListener("pointerdown", ({ target, pointerId }) => target.setPointerCapture(pointerId));
    handles.addEventListener("pointermove", ({ target, pointerId, clientX, clientY }) => {
      const { x, y, width, height } = target.ownerSVGElement.getBoundingClientRect(), unit = (UNIT * width) / WIDTH;
      const at = [(clientX - x - width / 2) / unit, (y + height / 2 - clientY) / unit];
      if (target.hasPointerCapture(pointerId)) move(target, at);
    });
    handles.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
      if (!way) return;
      event.preventDefault(); // the page would scroll
      move(event.target, data.x[[...handles.children].indexOf(event.target)].map((v, k) => v + way[k]));
    });
    new IntersectionObserver(([{ isIntersecting }]) => { visible = isIntersecting; start(); }).observe(box);
    change({});
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".linear-teacher").forEach(mount));
})();
