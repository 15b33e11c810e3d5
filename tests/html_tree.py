"""HTML as a tree: enough to look for elements in a page of our own."""

from html.parser import HTMLParser

EMPTY = {'img', 'input', 'link', 'meta'}


class Node:
    """An element with its attributes, elements and texts."""

    def __init__(self, tag, attributes=()):
        self.tag, self.attributes = tag, dict(attributes)
        self.parts = []

    def __getitem__(self, name):
        return self.attributes[name]

    def get(self, name):
        return self.attributes.get(name)

    @property
    def text(self):
        return ''.join(p if isinstance(p, str) else p.text for p in self.parts)

    def walk(self):
        """Yield all elements below this one, in their order."""
        for part in self.parts:
            if isinstance(part, Node):
                yield part
                yield from part.walk()

    def all(self, tag=None, **wanted):
        """Return elements by tag and attributes; class_ is one of several."""
        kind = wanted.pop('class_', None)
        return [
            node
            for node in self.walk()
            if tag in (None, node.tag)
            and (kind is None or kind in (node.get('class') or '').split())
            and all(
                node.get(key.replace('_', '-')) == value
                for key, value in wanted.items()
            )
        ]

    def one(self, tag=None, **wanted):
        (node,) = self.all(tag, **wanted)
        return node


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = [Node('document')]

    def handle_starttag(self, tag, attrs):
        node = Node(tag, attrs)
        self.open[-1].parts.append(node)
        if tag not in EMPTY:
            self.open.append(node)

    def handle_startendtag(self, tag, attrs):  # of SVG
        self.open[-1].parts.append(Node(tag, attrs))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag, f'</{tag}> closes another element'

    def handle_data(self, data):
        self.open[-1].parts.append(data)


def parse(text):
    """Return the document; every element must be closed in its order."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    (document,) = reader.open
    return document
