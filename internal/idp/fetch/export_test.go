package fetch

// FreshFor is tested without a network: it has many cases.
var FreshFor = freshFor
