"""From what Sphinx wrote to the files that readers take away: PDFs and the archive for reading offline."""
