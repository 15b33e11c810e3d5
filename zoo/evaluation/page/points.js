// Joins the points of charts with the rows of the table beside them.
{
  const join = (section) => {
    const rows = new Map();
    for (const row of section.querySelectorAll('tr[data-row]')) {
      rows.set(row.dataset.row, row);
    }
    const points = [...section.querySelectorAll('.point')];
    const fronts = [...section.querySelectorAll('.front')];

    const mark = (label, on) => {
      rows.get(label)?.classList.toggle('chosen', on);
      for (const point of points) {
        if (point.dataset.row === label) {
          point.classList.toggle('chosen', on);
        }
      }
    };

    const both = [...points, ...rows.values()];
    for (const each of both) {
      const label = each.dataset.row;
      for (const event of ['mouseenter', 'focus']) {
        each.addEventListener(event, () => mark(label, true));
      }
      for (const event of ['mouseleave', 'blur']) {
        each.addEventListener(event, () => mark(label, false));
      }
    }
    const jump = (point) => rows.get(point.dataset.row)?.focus();
    for (const point of points) {
      point.addEventListener('click', () => jump(point));
      point.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') {
          jump(point);
        }
      });
    }
    for (const [label, row] of rows) {
      row.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') {
          points.find((point) => point.dataset.row === label)?.focus();
        }
      });
    }

    // The front is that of all methods: it goes as soon as one is left out.
    const follow = () => {
      const gone = (point) => rows.get(point.dataset.row)?.hidden ?? false;
      for (const point of points) {
        point.style.display = gone(point) ? 'none' : '';
      }
      for (const front of fronts) {
        front.style.display = points.some(gone) ? 'none' : '';
      }
    };
    section.addEventListener('filtered', follow);
    follow();
  };

  for (const section of document.querySelectorAll('.results')) {
    join(section);
  }
}
