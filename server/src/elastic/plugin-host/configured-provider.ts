import type {
  ConfigurationField,
  ElasticCluster,
  StatusReportKind,
  StatusReportParams,
  V5ClusterProfileChanged,
  ValidateParams,
  ValidateResult,
} from '@go-agent/protocol/elastic';
import type { ElasticProvider } from '../provider.ts';

/** A provider with what forms, checks and status pages need. */
export interface ConfiguredProvider extends ElasticProvider {
  readonly clusterFields: readonly ConfigurationField[];
  readonly profileFields: readonly ConfigurationField[];
  readonly statusReports: readonly StatusReportKind[];
  validate(params: ValidateParams): Promise<ValidateResult>;
  /** HTML. */
  statusReport(params: StatusReportParams): Promise<string>;
  /** All clusters of the plugin, as they are now. */
  clustersChanged(clusters: readonly ElasticCluster[]): void;
  /** One profile was saved or deleted by itself, not by an edit of files. */
  clusterSaved(change: V5ClusterProfileChanged): void;
}
