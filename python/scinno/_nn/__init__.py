"""The network: noise, losses, memberships, modules, inference."""
