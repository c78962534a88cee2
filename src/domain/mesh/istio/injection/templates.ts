/** Templates that Istio's chart ships. Source: istio templates/istiod-injector-configmap.yaml. */
export const SHIPPED_TEMPLATES: readonly string[] = [
  'sidecar',
  'gateway',
  'grpc-simple',
  'grpc-agent',
  'waypoint',
  'kube-gateway',
  'agentgateway',
  'agentgateway-waypoint',
];

/** Which templates the injector has besides the shipped ones, and which it uses by default. */
export interface TemplateSettings {
  readonly known: readonly string[];
  /** `sidecarInjectorWebhook.defaultTemplates`; `[sidecar]` if empty. */
  readonly defaults: readonly string[];
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

/** The templates of a pod; a name in `missing` makes injection fail, and the API server refuses the pod. */
export interface SelectedTemplates {
  readonly templates: readonly string[];
  readonly missing: readonly string[];
}

/** The settings of Istio's chart where nothing is overridden. */
export const DEFAULT_TEMPLATE_SETTINGS: TemplateSettings = {
  known: SHIPPED_TEMPLATES,
  defaults: ['sidecar'],
  aliases: {},
};

/**
 * The templates that a pod's annotations select, aliases resolved once (they are not recursive).
 * Source: istio pkg/kube/inject/inject.go#selectTemplates, #resolveAliases.
 */
export function selectTemplates(
  annotations: Readonly<Record<string, string>>,
  settings: TemplateSettings,
): SelectedTemplates {
  const annotation = annotations['inject.istio.io/templates'];
  const fallback = settings.defaults.length === 0 ? ['sidecar'] : settings.defaults;
  const named = annotation === undefined ? fallback : annotation.split(',').map((name) => name.trim());
  const templates = named.flatMap((name) => settings.aliases[name] ?? [name]);
  return { templates, missing: templates.filter((name) => !settings.known.includes(name)) };
}
