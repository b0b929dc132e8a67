"""Tools for those who work on the project; the site itself uses none of them."""
