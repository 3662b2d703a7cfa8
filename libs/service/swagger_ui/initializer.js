// A file of its own: the page's Content-Security-Policy allows no inline script.
window.ui = SwaggerUIBundle({
  url: "doc.json",
  dom_id: "#swagger-ui",
  validatorUrl: null,  // no call to a validator elsewhere
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: false,
});
