"""Flask applications: the whole site, and the simulator alone.

A module has a function `blueprint`, which returns its routes, or `register`, which adds handlers to
the application. `simulator_api` and `live_api` have pages of their own: `simulator_page` and `live_page`.
"""
