"""Files to take away: pictures, films and TikZ, without a notebook around them. Read `stills` first."""
