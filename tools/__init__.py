"""Programs for the people who maintain the project; nothing that runs in a build."""
