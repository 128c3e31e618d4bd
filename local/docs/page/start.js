// No validatorUrl, because the viewer would send the document to another host.
SwaggerUIBundle({url: '/docs/openapi.yaml', dom_id: '#document', deepLinking: true, validatorUrl: null})
