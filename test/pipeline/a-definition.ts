/** The text of a definition with a name and a spec in flow style. */
export const aDefinition = (name: string, spec = '{steps: [{uri: "http://localhost:9101"}]}'): string =>
  `apiVersion: sluice.dev/v1alpha1\nkind: ServingPipeline\nmetadata: {name: ${name}}\nspec: ${spec}\n`
