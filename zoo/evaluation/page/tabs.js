// Shows one section at a time; the links to sections become tabs.
{
  const links = [...document.querySelectorAll('nav a')];
  const list = document.querySelector('nav ul');

  const show = (chosen) => {
    for (const link of links) {
      const section = document.getElementById(link.hash.slice(1));
      link.setAttribute('aria-selected', link === chosen);
      link.tabIndex = link === chosen ? 0 : -1;
      section.hidden = link !== chosen;
    }
  };

  const named = () => links.find((link) => link.hash === location.hash);

  const go = (link) => {
    show(link);
    link.focus();
    history.replaceState(null, '', link.hash);
  };

  const target = (key, index) => ({
    ArrowRight: (index + 1) % links.length,
    ArrowLeft: (index + links.length - 1) % links.length,
    Home: 0,
    End: links.length - 1,
  })[key];

  if (links.length) {
    list.setAttribute('role', 'tablist');
    for (const [index, link] of links.entries()) {
      const section = document.getElementById(link.hash.slice(1));
      link.parentElement.setAttribute('role', 'none');
      link.id = `${section.id}-tab`;
      link.setAttribute('role', 'tab');
      link.setAttribute('aria-controls', section.id);
      section.setAttribute('role', 'tabpanel');
      link.addEventListener('click', (event) => {
        event.preventDefault();
        go(link);
      });
      link.addEventListener('keydown', (event) => {
        const next = target(event.key, index);
        if (next !== undefined) {
          event.preventDefault();
          go(links[next]);
        }
      });
    }
    window.addEventListener('hashchange', () => named() && show(named()));
    show(named() ?? links[0]);
  }
}
