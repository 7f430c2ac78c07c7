"""YAML as it was written, with its lines: every scalar a text, no guess about dates, times or yes and no."""

from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, SequenceNode


def pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yield the keys and values of a mapping; nothing for what is none."""
    if isinstance(node, MappingNode):
        yield from node.value


def members(node: Node) -> Iterator[Node]:
    """Yield what a list holds; what is no list, by itself; nothing for nothing."""
    if isinstance(node, SequenceNode):
        yield from node.value
    elif not is_nothing(node):
        yield node


def is_nothing(node: Node) -> bool:
    """Say whether the node stands for no value."""
    return bool(node.tag == "tag:yaml.org,2002:null")


def plain(node: Node) -> object:
    """Return the node as text, lists and tables of text."""
    if isinstance(node, MappingNode):
        return {str(key.value): plain(value) for key, value in pairs(node)}
    if isinstance(node, SequenceNode):
        return [plain(each) for each in node.value]
    return str(node.value)
