"""Names and words of users as text: on screens, in pages, in tables."""
