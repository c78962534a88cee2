import type { JsonObject } from '../../lib/json.ts';
import { asObject } from '../../lib/json.ts';
import { withoutTexts } from './admit-text.ts';
import { isMeshSetting } from './admit-variable.ts';

/** What is read of a mesh configuration, by Istio's names; `defaultConfig` goes by the settings of a proxy. */
const MESH_FIELDS = new Set([
  'rootNamespace',
  'trustDomain',
  'trustDomainAliases',
  'enableAutoMtls',
  'discoverySelectors',
  'defaultDestinationRuleExportTo',
  'defaultServiceExportTo',
  'defaultVirtualServiceExportTo',
  'outboundTrafficPolicy',
  'inboundTrafficPolicy',
  'enablePrometheusMerge',
  'pathNormalization',
  'protocolDetectionTimeout',
  'meshMTLS',
  'tlsDefaults',
  'ingressService',
  'ingressSelector',
  'ingressClass',
  'ingressControllerMode',
  'verifyCertificateAtClient',
  'localityLbSetting',
  'serviceSettings',
]);

/** Settings whose text says how traffic goes; the text of every other one may be anybody's secret. */
const TEXT_SETTING =
  /^((include|exclude)\w+|autoInject|policy|istioNamespace|network|clusterName|clusterDomain|clusterNetworks|trustDomain|identityTrustDomain|meshID|revision|hub|tag|version|name|variant|imageType|image|provider|profile|platform|interceptionMode|discoveryAddress|serviceCluster|defaultInboundPolicy|opaquePorts|ignore(Inbound|Outbound)Ports|requireIdentityOnInboundPorts|skipSubnets|probeNetworks|globalEgressNetworkNamespace|controllerNamespace|linkerdVersion|linkerdNamespace|imagePullPolicy|\w*Duration|\w*(ExportTo))$/;
const SECRET = /key(PEM)?$|passw|token|secret|credential|private/i;

/** What rules read of a mesh configuration (`meshConfig`), without anything else that stands there. */
export function meshIn(mesh: JsonObject): JsonObject {
  const kept = Object.entries(mesh).filter(([key]) => MESH_FIELDS.has(key));
  const defaults = asObject(mesh['defaultConfig']);
  return { ...Object.fromEntries(kept), ...(defaults === undefined ? {} : { defaultConfig: settingsIn(defaults) }) };
}

/**
 * Chart values or a proxy's configuration: all names, numbers and truth values, and the texts that decide where traffic
 * goes. Any other text, and all that is secret by its name, is empty.
 */
export function settingsIn(settings: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      SECRET.test(key) ? withoutTexts(value) : settingIn(key, value),
    ]),
  );
}

function settingIn(key: string, value: unknown): unknown {
  if (typeof value === 'string') return TEXT_SETTING.test(key) || isMeshSetting(key) ? value : plainText(value);
  if (Array.isArray(value)) return value.map((member: unknown) => settingIn(key, member));
  const object = asObject(value);
  return object === undefined ? value : settingsIn(object);
}

/** A truth value or a small number stays, though it is written as text. */
function plainText(text: string): string {
  return /^(true|false|\d{1,6})$/.test(text) ? text : '';
}
