// Any warning of Node (a deprecation, a leaking listener) fails the run that made it.
process.on("warning", (warning) => {
  throw warning;
});
