// Shows the chosen image, and of it the chosen methods.
{
  const setUp = (section) => {
    const articles = [...section.querySelectorAll('article')];
    const select = section.querySelector('[name=image]');
    const boxes = [...section.querySelectorAll('[type=checkbox]')];

    const show = () => {
      for (const [index, article] of articles.entries()) {
        article.hidden = index !== select.selectedIndex;
      }
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      for (const figure of section.querySelectorAll('[data-method]')) {
        figure.hidden = !chosen.includes(figure.dataset.method);
      }
    };

    const step = (by) => {
      const count = articles.length;
      select.selectedIndex = (select.selectedIndex + by + count) % count;
      show();
    };

    const tick = (on) => {
      for (const box of boxes) {
        box.checked = on;
      }
      show();
    };

    const actions = {
      previous: () => step(-1),
      next: () => step(1),
      all: () => tick(true),
      none: () => tick(false),
    };
    for (const [name, action] of Object.entries(actions)) {
      const button = section.querySelector(`button[name=${name}]`);
      button.addEventListener('click', action);
    }
    section.addEventListener('input', show);
    section.querySelector('.stage').addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) {
        event.preventDefault();
        step(by);
      }
    });
    section.querySelector('.choice').hidden = false;
    show();
  };

  for (const section of document.querySelectorAll('.pictures')) {
    setUp(section);
  }
}
