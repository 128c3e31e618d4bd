// No validatorUrl: the viewer would send the document to somebody else.
SwaggerUIBundle({url: '/docs/openapi.yaml', dom_id: '#document', deepLinking: true, validatorUrl: null})
