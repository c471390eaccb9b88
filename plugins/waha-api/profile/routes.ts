import { named, OwnProfile, type Profile, type Route, type RouteGroup, route, type Static, Type } from 'waha-runtime';
import { bytesOf } from '../files/fetch.ts';
import { MAX_PICTURE_BYTES, type PictureOptions, ProfilePictureRequest } from '../files/picture.ts';
import { failures } from '../schemas/chatting.ts';
import { Result, succeeded } from '../schemas/result.ts';
import { SessionParams } from '../schemas/session.ts';

const ProfileNameRequest = named(
  'ProfileNameRequest',
  Type.Object({ name: Type.String({ minLength: 1, maxLength: 1000, examples: ['My New Name'] }) }),
);
const ProfileStatusRequest = named(
  'ProfileStatusRequest',
  Type.Object({ status: Type.String({ maxLength: 1000, examples: ['🎉 Hey there! I am using WhatsApp 🎉'] }) }),
);

/** The tag Profile: the account's own name, about and picture. */
export const profileGroup = (options: PictureOptions): RouteGroup => ({
  tag: 'Profile',
  description: 'What the account shows of itself',
  routes: [
    getRoute(options),
    nameRoute(options),
    statusRoute(options),
    pictureRoute(options),
    removePictureRoute(options),
  ],
});

const getRoute = ({ sessions }: PictureOptions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/profile',
    summary: 'Get your own profile',
    params: SessionParams,
    responses: { 200: { description: 'The profile', schema: OwnProfile }, ...failures },
    async handle({ params }) {
      return (await sessions.capability(params.session, 'profile')).get();
    },
  });

const changed = async (profile: Promise<Profile>, change: (profile: Profile) => Promise<void>) => {
  await change(await profile);
  return succeeded;
};

const nameRoute = ({ sessions }: PictureOptions): Route =>
  route({
    method: 'PUT',
    path: '/api/{session}/profile/name',
    summary: 'Set your name',
    params: SessionParams,
    body: ProfileNameRequest,
    responses: { 200: { description: 'Set', schema: Result }, ...failures },
    handle: ({ params, body }) =>
      changed(sessions.capability(params.session, 'profile'), (profile) => profile.setName(body.name)),
  });

const statusRoute = ({ sessions }: PictureOptions): Route =>
  route({
    method: 'PUT',
    path: '/api/{session}/profile/status',
    summary: 'Set what you say about yourself',
    params: SessionParams,
    body: ProfileStatusRequest,
    responses: { 200: { description: 'Set', schema: Result }, ...failures },
    handle: ({ params, body }) =>
      changed(sessions.capability(params.session, 'profile'), (profile) => profile.setAbout(body.status)),
  });

const pictureRoute = ({ sessions, http }: PictureOptions): Route =>
  route({
    method: 'PUT',
    path: '/api/{session}/profile/picture',
    summary: 'Set your picture',
    params: SessionParams,
    body: ProfilePictureRequest,
    responses: { 200: { description: 'Set', schema: Result }, ...failures },
    async handle({ params, body, signal }) {
      const profile = await sessions.capability(params.session, 'profile');
      const { file }: Static<typeof ProfilePictureRequest> = body;
      await profile.setPicture(await bytesOf(file, { http, signal, maxBytes: MAX_PICTURE_BYTES }));
      return succeeded;
    },
  });

const removePictureRoute = ({ sessions }: PictureOptions): Route =>
  route({
    method: 'DELETE',
    path: '/api/{session}/profile/picture',
    summary: 'Remove your picture',
    params: SessionParams,
    responses: { 200: { description: 'Removed', schema: Result }, ...failures },
    handle: ({ params }) =>
      changed(sessions.capability(params.session, 'profile'), (profile) => profile.removePicture()),
  });
