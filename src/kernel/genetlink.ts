import {CONTROLLER, decodeFamilyId, encodeFamilyRequest} from '../core/netlink/generic.ts'
import {MESSAGE_FLAG, NETLINK_GENERIC, type NetlinkMessage} from '../core/netlink/message.ts'
import {Questioner} from './netlink-dump.ts'

/** The type of a family's messages, or the name of the kernel's error: "ENOENT" where there is no such family. */
export type FamilyResult = {readonly ok: true; readonly id: number} | {readonly ok: false; readonly reason: string}

/** Looks a family of generic netlink up by its name. Never rejects. */
export async function findFamily(name: string): Promise<FamilyResult> {
  const opened = Questioner.open(NETLINK_GENERIC)
  if (!opened.ok) return opened
  const {questioner} = opened
  try {
    const answers: NetlinkMessage[] = []
    const result = await questioner.ask({
      type: CONTROLLER.type,
      flags: MESSAGE_FLAG.ack,
      body: encodeFamilyRequest(name),
      onMessages: messages => answers.push(...messages.filter(({type}) => type === CONTROLLER.type)),
    })
    if (!result.ok) return result
    const [answer] = answers
    const id = answer === undefined ? undefined : decodeFamilyId(answer.body)
    return id?.ok === true ? {ok: true, id: id.value} : {ok: false, reason: 'EBADMSG'}
  } finally {
    questioner.close()
  }
}
