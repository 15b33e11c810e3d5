// Sorts, filters and walks through the rows of each results table.
{
  const rowsOf = (body) => [...body.querySelectorAll('tr:not(.group)')];

  // A row without a figure comes last, whichever way the others are sorted.
  const compare = (index, sign) => (one, other) => {
    const [a, b] = [one.cells[index], other.cells[index]];
    if (index === 0) {
      const options = { numeric: true };
      return sign * a.textContent.localeCompare(b.textContent, 'en', options);
    }
    const [x, y] = [a.dataset.key, b.dataset.key];
    if (x === undefined || y === undefined) {
      return (x === undefined) - (y === undefined);
    }
    return sign * (Number(x) - Number(y));
  };

  const sort = (table, button) => {
    const head = button.parentElement;
    const other = { ascending: 'descending', descending: 'ascending' };
    const order = other[head.getAttribute('aria-sort')] ?? button.dataset.first;
    for (const each of head.parentElement.cells) {
      each.removeAttribute('aria-sort');
    }
    head.setAttribute('aria-sort', order);
    const by = compare(head.cellIndex, order === 'ascending' ? 1 : -1);
    for (const body of table.tBodies) {
      body.append(...rowsOf(body).sort(by));
    }
  };

  const filter = (section) => {
    const text = section.querySelector('[name=text]').value.toLowerCase();
    const words = text.split(/\s+/);
    const boxes = [...section.querySelectorAll('.filters [type=checkbox]')];
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    const count = { shown: 0, all: 0 };
    for (const body of section.querySelectorAll('tbody')) {
      for (const row of rowsOf(body)) {
        const label = row.cells[0].textContent.toLowerCase();
        row.hidden = !(
          chosen.includes(row.dataset.family ?? '')
          && words.every((word) => label.includes(word))
        );
        count.all += 1;
        count.shown += !row.hidden;
      }
      body.hidden = rowsOf(body).every((row) => row.hidden);
    }
    section.querySelector('[role=status]').textContent =
      `${count.shown} of ${count.all} methods`;
    section.dispatchEvent(new CustomEvent('filtered'));
  };

  // Tab reaches one row; the arrow keys lead from it to the others.
  const reach = (table, row) => {
    for (const each of table.querySelectorAll('tr[tabindex]')) {
      each.tabIndex = -1;
    }
    row.tabIndex = 0;
  };

  const walk = (table, event) => {
    const rows = [...table.querySelectorAll('tr[tabindex]')];
    const shown = rows.filter((row) => row.getClientRects().length);
    const index = shown.indexOf(event.target);
    const next = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      Home: 0,
      End: shown.length - 1,
    }[event.key];
    if (index >= 0 && next !== undefined) {
      event.preventDefault();
      shown[next]?.focus();
    }
  };

  for (const section of document.querySelectorAll('.results')) {
    const table = section.querySelector('table');
    for (const button of table.querySelectorAll('thead button')) {
      button.addEventListener('click', () => sort(table, button));
    }
    for (const body of table.tBodies) {
      for (const row of rowsOf(body)) {
        row.tabIndex = -1;
      }
    }
    table.addEventListener('keydown', (event) => walk(table, event));
    table.addEventListener('focusin', (event) => {
      if (event.target.matches('tbody tr')) {
        reach(table, event.target);
      }
    });
    section.addEventListener('filtered', () => {
      const shown = table.querySelector(
        'tbody:not([hidden]) > tr[tabindex]:not([hidden])',
      );
      if (shown && !table.querySelector('tr[tabindex="0"]:not([hidden])')) {
        reach(table, shown);
      }
    });
    section.querySelector('.filters').hidden = false;
    section.querySelector('.filters').addEventListener(
      'input', () => filter(section),
    );
    filter(section);
  }
}
