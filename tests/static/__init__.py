"""Style sheets, scripts, pictures, and the words of the pages."""
