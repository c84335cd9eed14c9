import { hostname } from 'node:os'
import { randomBytes } from 'node:crypto'
import type { Logger } from '../../telemetry/log.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText } from '../client/api-failure.ts'
import { Leadership, type LeaseTimes } from '../client/leadership.ts'
import { Addresses } from '../cluster/addresses.ts'
import { Children } from './children.ts'
import { ControlledPipelines } from './controlled-pipelines.ts'
import { Complaints } from './complaints.ts'
import type { ControllerMetrics } from './controller-metrics.ts'
import { debounced } from './debounced.ts'
import type { Reports } from './gateway-report.ts'
import { Gateways } from './gateways.ts'
import { LastReports } from './last-reports.ts'
import { findScaling } from './scaling.ts'

export interface ControllerDeps {
  readonly client: ApiClient
  /** `undefined`: all. */
  readonly namespace: string | undefined
  /** Where the data plane is, for people and Triggers. */
  readonly gatewayUrl: string
  readonly gatewayAdmin: string
  readonly adminToken: string | undefined
  /** Where KEDA reads the metrics of the gateways; `undefined`: KEDA is not used. */
  readonly prometheusUrl: string | undefined
  readonly metrics: ControllerMetrics
  readonly log: Logger
  readonly leaseTimes?: LeaseTimes
  /** A refused removal of children is tried again for so long, in milliseconds. */
  readonly removeMs?: number
}

export interface Controller extends AsyncDisposable {
  readonly leads: boolean
  /** Why pipelines cannot be seen; `undefined`: they can. */
  readonly fault: () => string | undefined
}

/** Takes part in the election, and does the work while it leads. */
export async function startController(deps: ControllerDeps): Promise<Controller> {
  const { client, namespace, gatewayAdmin, adminToken, prometheusUrl, metrics, log } = deps
  await using opened = new AsyncDisposableStack()
  const scaling = await findScaling(client, prometheusUrl)
  const complaints = new Complaints(log)
  const tell = (reason: string): void => complaints.tell(reason)
  const pipelines = new ControlledPipelines()
  const lookAtAll = (): void => pipelines.lookAtAll()
  const gateways = opened.use(new Gateways({ url: gatewayAdmin, token: adminToken }))
  const onAddresses = opened.use(debounced(lookAtAll))
  const everywhere = namespace === undefined
  // The leader looks at each pipeline every few seconds, and so asks for each ref of it.
  const wanted = (): readonly string[] => []
  const addresses = opened.use(new Addresses({ client, everywhere, onChange: onAddresses.call, wanted }))
  const leads = (): boolean => leadership.leads
  const onChange = (key: string): void => pipelines.look(key)
  const onAway = (cause: unknown): void => tell(failureText(cause))
  const children = opened.use(new Children({ client, namespace, scaling, mayWrite: leads, onChange, onAway }))
  const onLead = (): void => {
    // Another one, who led meanwhile, may have changed what was applied before.
    children.forget()
    lookAtAll()
  }
  // Opened before the pipelines: it ends after them, so that nothing is under way when the next one may lead.
  const leadership = opened.use(takePart(deps, { tell, onLead }))
  const onReports = ({ silent }: Reports): void => {
    silent.forEach(tell)
    lookAtAll()
  }
  const last = opened.use(new LastReports({ gateways, leads, isUrgent: () => pipelines.areUrgent, onReports }))
  opened.use(pipelines)
  const reports = (): Reports => last.reports
  pipelines.open({ ...deps, scaling, children, addresses, reports, mayWrite: leads, tell })
  metrics.onCollect(() => metrics.queue.labels().set(pipelines.waiting))
  const owned = opened.move()
  return {
    get leads() {
      return leadership.leads
    },
    fault: () => pipelines.fault,
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** In the election; `onLead` is called each time that it is won. */
function takePart(
  { client, namespace, metrics, log, leaseTimes }: ControllerDeps,
  { tell, onLead }: { readonly tell: (reason: string) => void; readonly onLead: () => void }
): Leadership {
  return new Leadership(client, {
    namespace: namespace ?? client.namespace,
    name: 'sluice-controller',
    identity: `${hostname()}_${randomBytes(6).toString('hex')}`,
    onLead: () => {
      log.info({}, 'leads')
      metrics.leads.labels().set(1)
      onLead()
    },
    onLost: reason => {
      metrics.leads.labels().set(0)
      log.warn({ reason }, 'does not lead any more')
    },
    onFault: cause => tell(failureText(cause)),
    ...(leaseTimes !== undefined && { times: leaseTimes })
  })
}
