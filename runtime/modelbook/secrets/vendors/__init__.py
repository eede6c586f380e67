"""Plug-ins that make and revoke keys by a vendor's own API; each is loaded when it is asked for."""
