"""From archives as their owners publish them to what the zoo reads."""
