package fetch

// Public is tested for the addresses that a test cannot reach.
var Public = public

// FreshFor is tested without a network: it has many cases.
var FreshFor = freshFor
