/**
 * Whether the standard variables of OpenTelemetry ask for traces. Loading its SDK costs a quarter of a second at the
 * start, so it is loaded only then.
 */
export function tracingWanted(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false
  const exporter = env['OTEL_TRACES_EXPORTER']
  if (exporter !== undefined && exporter !== '') return exporter !== 'none'
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
}
