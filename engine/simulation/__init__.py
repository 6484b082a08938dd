"""A whole campaign of a made-up county, by the seed: from its register to its filings, by the library's calls."""
