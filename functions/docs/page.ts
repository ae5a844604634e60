// The browsable page of the API: Swagger UI with its own scripts and styles, nothing from elsewhere.

/** The page asks for its files beside itself and for the document by the same path prefix, so that a stage or proxy may stand before it. */
export const PAGE = `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>倒查 daocha · 接口文档 API</title>
    <link rel="icon" type="image/png" href="./docs/favicon-32x32.png" />
    <link rel="stylesheet" href="./docs/swagger-ui.css" />
  </head>
  <body>
    <div id="page"></div>
    <script src="./docs/swagger-ui-bundle.js"></script>
    <script src="./docs/start.js"></script>
  </body>
</html>
`;

/** Its own file, so that the page's policy can forbid inline scripts. */
export const START = `window.ui = SwaggerUIBundle({
  url: './openapi.json',
  dom_id: '#page',
  deepLinking: true,
  docExpansion: 'list',
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;
