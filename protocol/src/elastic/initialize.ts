import { array, object, optional, withDefault } from '../decode/compounds.ts';
import { decodeWith } from '../decode/decoder.ts';
import { integer, oneOf, string } from '../decode/scalars.ts';
import { type ConfigurationField, configurationField } from './configuration-field.ts';
import {
  type ElasticCluster,
  type ElasticProperties,
  elasticCluster,
  elasticProperties,
} from './elastic-cluster.ts';

/** The version of this dialect. A plugin answers a request of a version that it does not know with an error. */
export const ELASTIC_PROTOCOL_VERSION = 1;

/** The first request to a plugin that was started. Nothing else is asked before it has answered. */
export interface InitializeParams {
  readonly protocolVersion: number;
  readonly pluginId: string;
  /** Different for each server: goes on everything that the plugin makes, so that two servers leave each other's agents alone. */
  readonly serverId: string;
  readonly serverVersion: string;
  /** Where agents find the server, ending in `/go`, unless the cluster says otherwise. */
  readonly serverUrl: string;
  /** A folder of the plugin's own, kept over restarts and upgrades. */
  readonly dataFolder: string;
  readonly clusters: readonly ElasticCluster[];
}

export const STATUS_REPORT_KINDS = ['plugin', 'cluster', 'agent'] as const;
export type StatusReportKind = (typeof STATUS_REPORT_KINDS)[number];

export interface InitializeResult {
  readonly clusterFields: readonly ConfigurationField[];
  readonly profileFields: readonly ConfigurationField[];
  readonly statusReports: readonly StatusReportKind[];
}

export const decodeInitializeParams = decodeWith(
  object<InitializeParams>({
    protocolVersion: integer,
    pluginId: string,
    serverId: string,
    serverVersion: string,
    serverUrl: string,
    dataFolder: string,
    clusters: array(elasticCluster),
  }),
);

export const decodeInitializeResult = decodeWith(
  object<InitializeResult>({
    clusterFields: array(configurationField),
    profileFields: array(configurationField),
    statusReports: withDefault(array(oneOf(STATUS_REPORT_KINDS)), []),
  }),
);

/** Asked before a profile is saved; all that is wrong at once. */
export interface ValidateParams {
  readonly kind: 'cluster' | 'profile';
  readonly properties: ElasticProperties;
  /** Of the cluster of a `profile`. */
  readonly clusterProperties?: ElasticProperties;
}

export interface ValidateResult {
  /** Without a key: of the profile as a whole. */
  readonly problems: readonly { readonly key?: string; readonly message: string }[];
}

export const decodeValidateParams = decodeWith(
  object<ValidateParams>({
    kind: oneOf(['cluster', 'profile']),
    properties: elasticProperties,
    clusterProperties: optional(elasticProperties),
  }),
);

export const decodeValidateResult = decodeWith(
  object<ValidateResult>({
    problems: array(object<ValidateResult['problems'][number]>({ key: optional(string), message: string })),
  }),
);

/** The clusters of this plugin as they are now; those that are not named are gone. Answered with null. */
export interface ClustersChangedParams {
  readonly clusters: readonly ElasticCluster[];
}

export const decodeClustersChangedParams = decodeWith(
  object<ClustersChangedParams>({ clusters: array(elasticCluster) }),
);
